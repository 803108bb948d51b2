"""Kills a training run again and again: python -m tests.workflow.kill_training DATALIST FOLDER KILLS SEED.

It forks, so that a run starts in a second; every second kill hits while a file is being written.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

import torch

from tests.workflow.tiny_training import train_tiny

EPOCHS = 10
POLL_SECONDS = 0.0005


def fork_training(datalist: Path, output: Path) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        torch.set_num_threads(1)  # replaces the parent's thread pool, before several threads race to do it
        resume = (output / "checkpoints" / "last.pt").exists()
        train_tiny(datalist, output, resume=resume, max_epochs=EPOCHS)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def finished(child: int) -> bool:
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid and status:
        sys.exit("training failed by itself")
    return pid != 0


def being_written(output: Path) -> set[str]:
    return {str(path) for folder in (output, output / "checkpoints") for path in folder.glob(".*.pt")}


def wait_for_write(output: Path, child: int, count: int) -> bool:
    """Return true in the middle of the `count`-th write, false where the run ended before."""
    seen = being_written(output)  # what the last kill left
    while not finished(child):
        new = being_written(output) - seen
        seen |= new
        count -= len(new)
        if new and count <= 0:
            return True
        time.sleep(POLL_SECONDS)
    return False


def wait_seconds(child: int, seconds: float) -> bool:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if finished(child):
            return False
        time.sleep(POLL_SECONDS)
    return True


def kill_once(datalist: Path, output: Path, generator: random.Random, in_write: bool) -> bool:
    """Kill a run; return whether it was still running."""
    child = fork_training(datalist, output)
    if in_write:
        writing = wait_for_write(output, child, generator.randint(1, 4))
        alive = writing and wait_seconds(child, generator.uniform(0, 0.02))
    else:
        alive = wait_seconds(child, generator.uniform(0.5, 5.0))
    if alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return alive


def loads(output: Path) -> bool:
    """Whether everything that the run calls finished can be read."""
    for path in (output / "model.pt", output / "checkpoints" / "last.pt"):
        if path.exists():
            torch.load(path, weights_only=True)
    return (output / "checkpoints" / "last.pt").exists()


def main(datalist: Path, folder: Path, kills: int, seed: int) -> None:
    torch.set_num_threads(1)  # threads do not survive a fork
    generator, output = random.Random(seed), folder / "killed"
    (output / "checkpoints").mkdir(parents=True)
    done = {"in_write": 0, "anywhere": 0}
    while sum(done.values()) < kills:
        in_write = sum(done.values()) % 2 == 0
        if kill_once(datalist, output, generator, in_write):
            done["in_write" if in_write else "anywhere"] += 1
        elif loads(output):
            (output / "checkpoints" / "last.pt").unlink()  # it came to its end: the rest of the kills need a new run
        loads(output)
    for run in (output, folder / "straight"):
        child = fork_training(datalist, run)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{run} did not finish")
    print(json.dumps(done | {"leftovers": len(being_written(output))}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
