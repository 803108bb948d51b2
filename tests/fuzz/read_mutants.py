"""Read mutants one after the other, as inference would; run as a program, since a decoder may end its process.

python -m tests.fuzz.read_mutants FIRST_SEED END_SEED
"""

from __future__ import annotations

import json
import logging
import re
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from monai.transforms import Compose

from custom.data import FrameStream
from custom.transforms import CheckFramed, LoadFramed, NormalizeFramed
from tests.fuzz.corpus import spoil, write_corpus


def main(first: int, end: int) -> None:
    """Read the mutants of these seeds; the last line printed is JSON, the one before it names the current seed."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    outcomes: Counter[str] = Counter()
    failures, slowest = [], 0.0
    with tempfile.TemporaryDirectory() as name:
        sources = write_corpus(Path(name))
        for seed in range(first, end):
            print(seed, flush=True)
            source = sources[seed % len(sources)]
            target = Path(name) / f"mutant{source.suffix}"
            spoil(source, target, seed)
            started = time.perf_counter()
            try:
                outcomes[_read(target)] += 1
            except Exception:
                failures.append(f"seed {seed} ({source.name}):\n{traceback.format_exc()}")
            slowest = max(slowest, time.perf_counter() - started)
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
    print(json.dumps({"outcomes": outcomes, "failures": failures, "slowest_s": slowest, "peak_mb": peak}))


def _read(path: Path) -> str:
    transform = Compose([LoadFramed(), CheckFramed(), NormalizeFramed()])
    stream = FrameStream([{"image": str(path), "source": path.name}], transform)
    frames = sum(1 for _ in stream)
    if not stream.faults:
        return "read"
    return "read in part" if frames else "refused"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
