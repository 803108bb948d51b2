"""Seconds a frame at inference."""

from __future__ import annotations

import time
from statistics import median

import torch
from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents

from custom.metrics import METRIC_PREFIX


class InferenceTime:
    """Puts the median time from a frame in memory to the network's output into the evaluator's metrics.

    Reading the file and turning the output into electrodes are not counted. The device is waited for.
    """

    def attach(self, engine: Engine) -> None:
        """Attach to a MONAI evaluator."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_STARTED, self.start_frame)
        engine.add_event_handler(IterationEvents.FORWARD_COMPLETED, self.end_frame)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.report)

    def start(self, engine: Engine) -> None:
        """Forget the last run."""
        self.times: list[float] = []

    def start_frame(self, engine: Engine) -> None:
        """Start the clock."""
        self.started = time.perf_counter()

    def end_frame(self, engine: Engine) -> None:
        """Stop the clock."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.times.append((time.perf_counter() - self.started) / len(engine.state.output["image"]))

    def report(self, engine: Engine) -> None:
        """Write the median."""
        engine.state.metrics[f"{METRIC_PREFIX}seconds_per_frame"] = median(self.times)
