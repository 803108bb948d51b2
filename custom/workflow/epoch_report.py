"""What an epoch of training came to: losses, KPIs, weights, speed."""

from __future__ import annotations

import logging
import time

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events

from custom.losses import PrioritizedLoss


class EpochReport:
    """Puts the epoch's mean losses, its images per second and the learning rate into `engine.state.metrics`.

    From there MLflow, TensorBoard and the log line at the end of the epoch read them alike.

    Args:
        loss: the loss that the trainer calls; its task losses are averaged over the iterations that have samples of the
            task. An epoch without any has no such number.
        optimizer: gives the learning rate.
    """

    def __init__(self, *, loss: PrioritizedLoss, optimizer: torch.optim.Optimizer) -> None:
        self.loss = loss
        self.optimizer = optimizer
        self.logger = logging.getLogger("catheter.train")

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer; attach it before anything that reads `engine.state.metrics` at the end of an epoch."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.collect)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.report)

    def start(self, engine: Engine) -> None:
        """Forget the last epoch."""
        self.sums: dict[str, torch.Tensor] = {}
        self.iterations: dict[str, torch.Tensor] = {}
        self.images = 0
        self.started = time.perf_counter()

    def collect(self, engine: Engine) -> None:
        """Add one iteration, without waiting for the device."""
        output = engine.state.output
        self._add("loss", output["loss"].detach(), output["loss"].new_ones(()))
        for task, value in self.loss.task_losses.items():
            self._add(f"loss_{task}", value, self.loss.trained_tasks[task])
        self.images += output["image"].shape[0] * idist.get_world_size()

    def _add(self, name: str, value: torch.Tensor, counts: torch.Tensor) -> None:
        self.sums[name] = self.sums.get(name, 0) + value
        self.iterations[name] = self.iterations.get(name, 0) + counts

    def report(self, engine: Engine) -> None:
        """Write the epoch's numbers into `engine.state.metrics` and log one line."""
        metrics = engine.state.metrics
        for name, total in self.sums.items():
            # A process's loss is its part of the global one, times the number of processes.
            loss, iterations = float(idist.all_reduce(total)) / idist.get_world_size(), int(self.iterations[name])
            metrics.pop(name, None)  # of the epoch before
            if iterations:
                metrics[name] = loss / iterations
        metrics["images_per_second"] = self.images / (time.perf_counter() - self.started)
        metrics["learning_rate"] = float(self.optimizer.param_groups[0]["lr"])
        line = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        self.logger.info(f"epoch {engine.state.epoch}/{engine.state.max_epochs}: {line}")
