"""Runs one after the other, each in processes of its own."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from custom.errors import CatheterError, InputError
from custom.experiments.runs import Run
from custom.experiments.tracking import track_test_metrics

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_STOP = 20


def execute(runs: Sequence[Run], console: Console) -> list[CatheterError]:
    """Train and evaluate what is not finished; a run that fails does not stop the others.

    Args:
        runs: of one comparison's folder.
        console: where progress goes; bars where it is a terminal, a line a run otherwise.

    Returns:
        What failed.

    Raises:
        InputError: where another comparison works in the folder.
    """
    faults = []
    with _alone_in(runs[0].output) as lock, _progress(console) as progress:
        overall = progress.add_task("runs", total=len(runs))
        for run in runs:
            try:
                _execute(run, progress, lock)
            except (CatheterError, OSError) as error:
                faults.append(CatheterError(f"{run.name}: {error}"))
                console.print(f"{run.name}: failed", style="red", highlight=False)
            progress.advance(overall)
    return faults


def _execute(run: Run, progress: Progress, lock: int) -> None:
    if run.finished:
        progress.console.print(f"{run.name}: finished before", highlight=False)
        return
    done = run.epochs_done
    progress.console.print(f"{run.name}: " + (f"goes on after epoch {done}" if done else "starts"), highlight=False)
    bar = progress.add_task(f"{run.name}, epochs", total=run.values["max_epochs"], completed=done)
    try:
        run.write_settings()
        _call(run.training_command(), run.folder / "train.log", lock, lambda: _advance(run, progress, bar))
        progress.update(bar, description=f"{run.name}, evaluation", total=None)
        _call(run.evaluating_command(), run.folder / "evaluate.log", lock, lambda: None)
        track_test_metrics(run)
        run.finish()
    finally:
        progress.remove_task(bar)


def _advance(run: Run, progress: Progress, bar: TaskID) -> None:
    progress.update(bar, completed=run.epochs_done)


def _call(command: list[str], log: Path, lock: int, look: Callable[[], None]) -> None:
    with log.open("a+") as file:
        printed_before = file.tell()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, pass_fds=[lock])
        try:
            while process.poll() is None:
                look()
                _wait(process, SECONDS_BETWEEN_LOOKS)
        finally:
            _stop(process)
        file.seek(printed_before)
        if process.returncode != 0:
            raise CatheterError(f"ended with exit code {process.returncode}: {_reason(file.read())} Its log: {log}")


def _stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        _wait(process, SECONDS_TO_STOP)
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen, seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)


def _reason(printed: str) -> str:
    """The line that says why: the bundle's own message, or else the first error of a traceback, its cause."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"\(?[\w.]*(Error|Exception|Interrupt)\b", line)]
    ours = [line for line in lines if line.startswith("catheter: ")]
    return next(iter([*ours, *errors, *lines[-1:]]), "it printed nothing.")


@contextmanager
def _alone_in(output: Path) -> Iterator[int]:
    """Lock the folder. The processes inherit the lock: one that outlives a killed comparison still holds it."""
    output.mkdir(parents=True, exist_ok=True)
    lock = os.open(output / ".lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock
    except BlockingIOError as error:
        raise InputError(
            "another comparison works in this folder, or a training that it left behind",
            source=output,
            remedy="Wait for it, or name another folder with --output",
        ) from error
    finally:
        os.close(lock)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
