"""Keeps a `PriorityState` up to date while an engine trains."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events

from custom.errors import InputError
from custom.prioritization.kpis import Kpi
from custom.prioritization.state import PriorityState
from custom.tasks import TASKS
from custom.tensors import Tensors


class KpiHandler:
    """Ranks the samples when an epoch starts, and measures the KPIs of every batch from its forward pass.

    The engine's output must be a batch with `pred` and `label` (MONAI: `decollate=False`), and its loader must draw
    from a `PrioritySampler`. At the end of an epoch `engine.state.metrics` has `kpi_TASK`, `weight_TASK` and
    `kept_share`: attach this handler before those that report them.

    Args:
        priority: the state to keep.
        kpis: of the tasks, by name.
    """

    def __init__(self, priority: PriorityState, kpis: Mapping[str, Kpi]) -> None:
        missing = [task for task in TASKS if task not in kpis]
        if missing:
            raise InputError(
                "a task has no KPI", field="kpis", found=sorted(kpis), expected=f"one for {missing[0]} too"
            )
        self.priority = priority
        self.kpis = kpis
        self.logger = logging.getLogger("catheter.train")

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer."""
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.EPOCH_STARTED, self.start_epoch)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.update)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.complete_epoch)

    def start(self, engine: Engine) -> None:
        """Remember the iterations of an epoch with all samples.

        Raises:
            InputError: where the trainer accumulates gradients: epochs of changing length would cut its rounds short.
        """
        steps = getattr(engine, "accumulation_steps", 1)  # MONAI's trainer has it once its handlers are attached
        if steps != 1:
            raise InputError(
                "prioritization does not go with it",
                field="accumulation_steps",
                found=steps,
                expected="1",
                remedy="Raise batch_size instead",
            )
        self.full_length = engine.state.epoch_length

    def start_epoch(self, engine: Engine) -> None:
        """Rank the samples and make the epoch as long as their selection."""
        self.priority.start_epoch(engine.state.epoch)
        engine.state.epoch_length = len(engine.state.dataloader)
        self.logger.info(
            f"epoch {engine.state.epoch} trains on {self.priority.kept_share:.0%} of {self.priority.size} samples: "
            f"{engine.state.epoch_length} of {self.full_length} iterations"
        )

    @torch.no_grad()
    def update(self, engine: Engine) -> None:
        """Measure the KPIs of a batch, on all ranks alike."""
        output = engine.state.output
        if not isinstance(output, Mapping):
            raise InputError("KPIs need the batch as a whole", field="trainer", remedy="Set decollate to false")
        pred, label = output["pred"], output["label"]
        kpis = torch.stack([self.kpis[task](pred, label) for task in TASKS], dim=1)
        observations = (label["sample_index"], kpis, label["available"], _present(label), label["empty"])
        self.priority.update(*(idist.all_gather(observation) for observation in observations))

    def complete_epoch(self, engine: Engine) -> None:
        """Publish KPIs, weights and the kept share."""
        # Ignite ends a run after epoch_length * max_epochs iterations: with a shortened length, epochs too early.
        engine.state.epoch_length = self.full_length
        kpis, weights = self.priority.task_kpis().tolist(), self.priority.task_weights().tolist()
        engine.state.metrics |= {f"kpi_{task}": kpi for task, kpi in zip(TASKS, kpis, strict=True)}
        engine.state.metrics |= {f"weight_{task}": weight for task, weight in zip(TASKS, weights, strict=True)}
        engine.state.metrics["kept_share"] = self.priority.kept_share


def _present(label: Tensors) -> torch.Tensor:
    """Which tasks (B, T), ordered as `TASKS`, have anything to find."""
    return torch.stack([label["electrode_valid"].any(1), (label["mask"] > 0.5).flatten(1).any(1)], dim=1)
