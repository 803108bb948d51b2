"""What training went through, epoch by epoch, in a file that plots and comparisons read."""

from __future__ import annotations

import csv
import math
import time
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events

from custom.tables import write_csv

History = list[dict[str, float]]


class TrainingHistory:
    """Writes a CSV with a line for each epoch: `epoch`, `iteration`, `seconds` and every metric of both engines.

    `seconds` is the time spent in training so far, without validation and without the breaks of a resumed run, which
    goes on in the file.

    Args:
        path: the CSV file.
        evaluator: the validation engine; its metrics stand in the lines of the epochs that it ran in.
    """

    def __init__(self, path: str | Path, *, evaluator: Engine) -> None:
        self.path = Path(path)
        self.evaluator = evaluator

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer, after the handlers that fill `engine.state.metrics` and the one that validates."""
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.EPOCH_STARTED, self.start_epoch)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.look_at_the_clock)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.write)

    def start(self, engine: Engine) -> None:
        """Take up the epochs that a resumed run has behind it."""
        earlier = read_history(self.path) if self.path.is_file() else []
        self.history: History = [line for line in earlier if line["epoch"] <= engine.state.epoch]

    def start_epoch(self, engine: Engine) -> None:
        """Start the clock."""
        self.started = time.perf_counter()

    def look_at_the_clock(self, engine: Engine) -> None:
        """Note the time: the epoch's last iteration ends its training."""
        self.ended = time.perf_counter()

    def write(self, engine: Engine) -> None:
        """Add the epoch that ended and write the file anew."""
        before = self.history[-1]["seconds"] if self.history else 0.0
        line = {"epoch": engine.state.epoch, "iteration": engine.state.iteration}
        line |= {"seconds": before + self.ended - self.started, **engine.state.metrics}
        if self.evaluator.state.epoch == engine.state.epoch:
            line |= self.evaluator.state.metrics
        self.history.append(line)
        if idist.get_rank() == 0:
            self._save()

    def _save(self) -> None:
        names = dict.fromkeys(name for line in self.history for name in line)
        rows = [{name: _plain(value) for name, value in line.items()} for line in self.history]
        write_csv(self.path, rows, columns=list(names))


def read_history(path: str | Path) -> History:
    """Read what `TrainingHistory` wrote; NaN where an epoch has no such number."""
    with Path(path).open(newline="") as file:
        return [{name: float(text or math.nan) for name, text in line.items()} for line in csv.DictReader(file)]


def _plain(value: float) -> float:
    """Whole numbers without a point."""
    return int(value) if float(value).is_integer() else value
