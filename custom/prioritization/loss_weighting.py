"""Rivals of KPI-based task weighting that follow the losses (paper, Tables 3 and 5)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from custom.prioritization.checks import check_not_negative, check_setting
from custom.prioritization.processes import mean_over_processes
from custom.prioritization.weighting import LearnedWeights, TaskWeighting
from custom.tasks import TASKS


class DynamicWeightAverage(TaskWeighting):
    """Liu et al., CVPR 2019: `T softmax(r / temperature)`, r being the ratio of the last two epochs' mean losses.

    A task whose loss falls slowly gets more. The first two epochs weigh all tasks alike.

    Args:
        temperature: higher ones make the weights more alike.

    Raises:
        InputError: where it is not above 0.
    """

    sums: torch.Tensor
    steps: torch.Tensor
    means: torch.Tensor
    epochs: torch.Tensor

    def __init__(self, temperature: float = 2.0) -> None:
        super().__init__()
        check_setting("temperature", temperature, temperature > 0, "a number above 0")
        self.temperature = temperature
        self.register_buffer("sums", torch.zeros(len(TASKS)))
        self.register_buffer("steps", torch.zeros(len(TASKS)))
        self.register_buffer("means", torch.ones(2, len(TASKS)))
        self.register_buffer("epochs", torch.tensor(0))

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        ratios = torch.where(self.epochs >= 2, self.means[1] / self.means[0], 1.0)
        return len(TASKS) * torch.softmax(ratios / self.temperature, dim=0)

    def observe(self, losses: torch.Tensor) -> None:
        """See `TaskWeighting`."""
        losses = mean_over_processes(losses.detach())
        self.sums += losses
        self.steps += losses > 0

    def start_epoch(self) -> None:
        """See `TaskWeighting`."""
        if not self.steps.any():
            return
        newest = torch.where(self.steps > 0, self.sums / self.steps.clamp(min=1), self.means[1])
        self.means.copy_(torch.stack([self.means[1], newest]))
        self.epochs += 1
        self.sums.zero_()
        self.steps.zero_()


class UncertaintyWeighting(TaskWeighting):
    """Kendall et al., CVPR 2018: `1 / (2 v)`, v being a variance learned for each task.

    The logarithm s of v descends `exp(-s) L / 2 + s / 2` by a gradient step of its own at every training step, so that
    no optimizer has to know it.

    Args:
        learning_rate: of these steps.

    Raises:
        InputError: where it is negative.
    """

    log_variance: torch.Tensor

    def __init__(self, learning_rate: float = 0.01) -> None:
        super().__init__()
        check_not_negative("learning_rate", learning_rate)
        self.learning_rate = learning_rate
        self.register_buffer("log_variance", torch.zeros(len(TASKS)))

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        return torch.exp(-self.log_variance) / 2

    def observe(self, losses: torch.Tensor) -> None:
        """See `TaskWeighting`."""
        losses = mean_over_processes(losses.detach())
        gradient = (1 - torch.exp(-self.log_variance) * losses) / 2
        self.log_variance -= self.learning_rate * gradient.where(losses > 0, 0.0)


class Famo(LearnedWeights):
    """Liu et al., NeurIPS 2023 (FAMO): weights under which the losses of all tasks fall at the same rate.

    The total descends `sum_t z_t log L_t`, `z = softmax(w)`, so that a task weighs `z_t / L_t`, over the sum of these.
    w follows, by Adam, how much each log loss fell since the training step before; the original asks the network a
    second time with the same batch instead. A step in which a task has no samples changes nothing.

    Args:
        learning_rate: of w.
        weight_decay: of w.

    Raises:
        InputError: where one of them is negative.
    """

    previous: torch.Tensor

    def __init__(self, learning_rate: float = 0.025, *, weight_decay: float = 0.001) -> None:
        super().__init__()
        check_not_negative("learning_rate", learning_rate)
        check_not_negative("weight_decay", weight_decay)
        self.logits = nn.Parameter(torch.zeros(len(TASKS)))
        self.optimizer = torch.optim.Adam([self.logits], lr=learning_rate, weight_decay=weight_decay)
        self.register_buffer("previous", torch.zeros(len(TASKS)))

    def observe(self, losses: torch.Tensor) -> None:
        """See `TaskWeighting`."""
        losses = mean_over_processes(losses.detach())
        if not bool((losses > 0).all()):
            return
        if bool((self.previous > 0).all()):
            self._learn(torch.log(self.previous / losses))
        self.previous = losses
        weights = torch.softmax(self.logits.detach(), dim=0) / losses
        self.task_weights = weights / weights.sum()

    def get_extra_state(self) -> dict[str, Any]:
        """Give the state of Adam to the checkpoint."""
        return self.optimizer.state_dict()

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Take the state of Adam from the checkpoint."""
        self.optimizer.load_state_dict(state)

    @torch.enable_grad()
    def _learn(self, fallen: torch.Tensor) -> None:
        shares = torch.softmax(self.logits, dim=0)
        (self.logits.grad,) = torch.autograd.grad(shares, self.logits, grad_outputs=fallen)
        for name, moment in self.optimizer.state[self.logits].items():  # a resumed run has read them to the CPU
            self.optimizer.state[self.logits][name] = moment if name == "step" else moment.to(self.logits.device)
        self.optimizer.step()
