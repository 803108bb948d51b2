"""How much each task counts (paper, equation 4 and Tables 3 and 5)."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import nn

from custom.errors import InputError
from custom.prioritization.checks import check_not_negative, check_setting
from custom.tasks import TASKS


class TaskWeighting(nn.Module):
    """Turns the KPIs of the tasks into the weights of their losses.

    A strategy that follows the losses instead reads them in `observe` and keeps what it learns in buffers, so that it
    is saved with the `PriorityState` that it belongs to.
    """

    @abstractmethod
    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """Map (T,) KPIs in [0, 1], ordered as `TASKS`, to (T,) weights, constants in the backward pass."""

    def observe(self, losses: torch.Tensor) -> None:
        """See the task losses (T,) of a training step before they are weighted, in their graph; 0 without samples."""

    def start_epoch(self) -> None:
        """Hear that an epoch starts."""


class LearnedWeights(TaskWeighting):
    """Weights that `observe` learns from the losses, whatever the KPIs are; 1 each at first."""

    task_weights: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("task_weights", torch.ones(len(TASKS)))

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        return self.task_weights


class InverseKpi(TaskWeighting):
    """One over the KPI, times a scale: the task that performs worse gets more (the paper's choice).

    KPIs say how the tasks perform, not how strongly their losses pull at the shared trunk; the scales make up for that.

    Args:
        minimum: KPIs below it count as this one, so that a task that finds nothing yet has a finite weight.
        **scales: of the tasks' losses by name, 1 where not given (as in the paper).

    Raises:
        InputError: where `minimum` is no KPI, or a scale no weight of a task.
    """

    def __init__(self, minimum: float = 0.05, **scales: float) -> None:
        super().__init__()
        if not 0 < minimum <= 1:
            raise InputError("not a KPI", field="minimum", found=minimum, expected="a number above 0, at most 1")
        self.minimum = minimum
        self.scales = _by_task("scales", scales)

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        return kpis.new_tensor(self.scales) / kpis.clamp(min=self.minimum)


class ConstantWeights(TaskWeighting):
    """The same weights throughout; one of them 0 is single-task training.

    Args:
        **weights: of the tasks by name, 1 where not given.

    Raises:
        InputError: where one is no weight of a task.
    """

    def __init__(self, **weights: float) -> None:
        super().__init__()
        self.weights = _by_task("weights", weights)

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        return kpis.new_tensor(self.weights)


class DynamicTaskPrioritization(TaskWeighting):
    """Guo et al., ECCV 2018: the focal weight of the KPI, `-(1 - k)^gamma log k`.

    Args:
        gamma: focusing parameter; larger ones concentrate on the task that performs worst.
        lowest, highest: the KPI is clamped to this range.

    Raises:
        InputError: where a setting is out of range.
    """

    def __init__(self, gamma: float = 1.0, *, lowest: float = 0.1, highest: float = 0.99) -> None:
        super().__init__()
        check_not_negative("gamma", gamma)
        check_setting("lowest", lowest, 0 < lowest <= highest, "a KPI above 0, at most `highest`")
        check_setting("highest", highest, highest < 1, "a KPI below 1, where the weight would be 0")
        self.gamma = gamma
        self.lowest = lowest
        self.highest = highest

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        kpis = kpis.clamp(self.lowest, self.highest)
        return -((1 - kpis) ** self.gamma) * kpis.log()


def _by_task(field: str, values: dict[str, float]) -> list[float]:
    for task, value in values.items():
        if task not in TASKS:
            raise InputError("there is no such task", field=field, found=task, expected=" or ".join(TASKS))
        if isinstance(value, str) or not 0 <= value < math.inf:
            raise InputError("not a weight", field=f"{field}, {task}", found=value, expected="a number, at least 0")
    return [values.get(task, 1.0) for task in TASKS]
