"""Rivals of KPI-based task weighting that follow the losses (paper, Tables 3 and 5)."""

from __future__ import annotations

from collections.abc import Iterable

import ignite.distributed as idist
import torch
from torch import nn

from custom.prioritization.weighting import TaskWeighting
from custom.tasks import TASKS

SMALLEST = 1e-3


class DynamicWeightAverage(TaskWeighting):
    """Liu et al., CVPR 2019: `T softmax(r / temperature)`, r being the ratio of the last two epochs' mean losses.

    A task whose loss falls slowly gets more. The first two epochs weigh all tasks alike.

    Args:
        temperature: higher ones make the weights more alike.
    """

    sums: torch.Tensor
    steps: torch.Tensor
    means: torch.Tensor
    epochs: torch.Tensor

    def __init__(self, temperature: float = 2.0) -> None:
        super().__init__()
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
        losses = _over_processes(losses.detach())
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
    """

    log_variance: torch.Tensor

    def __init__(self, learning_rate: float = 0.01) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.register_buffer("log_variance", torch.zeros(len(TASKS)))

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        return torch.exp(-self.log_variance) / 2

    def observe(self, losses: torch.Tensor) -> None:
        """See `TaskWeighting`."""
        losses = _over_processes(losses.detach())
        gradient = (1 - torch.exp(-self.log_variance) * losses) / 2
        self.log_variance -= self.learning_rate * gradient.where(losses > 0, 0.0)


class GradNorm(TaskWeighting):
    """Chen et al., ICML 2018: weights under which all tasks move the shared layers at balanced speeds.

    The weighted loss of task t has the gradient norm `G_t = w_t |dL_t/dW|` at the shared parameters W; its target is
    the mean of G times `r_t^asymmetry`, r being the task's loss over its first one, relative to the mean of the tasks.
    The weights descend `sum_t |G_t - target_t|` by one step a training step, and sum up to the number of tasks.

    Args:
        shared: the last parameters that all tasks share.
        asymmetry: how hard slow tasks are pushed; alpha in the original.
        learning_rate: of the weights.
    """

    task_weights: torch.Tensor
    first_losses: torch.Tensor

    def __init__(self, shared: Iterable[nn.Parameter], *, asymmetry: float = 1.5, learning_rate: float = 0.025) -> None:
        super().__init__()
        self.shared = list(shared)
        self.asymmetry = asymmetry
        self.learning_rate = learning_rate
        self.register_buffer("task_weights", torch.ones(len(TASKS)))
        self.register_buffer("first_losses", torch.zeros(len(TASKS)))

    def forward(self, kpis: torch.Tensor) -> torch.Tensor:
        """See `TaskWeighting`."""
        return self.task_weights

    def observe(self, losses: torch.Tensor) -> None:
        """See `TaskWeighting`."""
        norms = _over_processes(torch.stack([self._gradient_norm(loss) for loss in losses]))
        losses = _over_processes(losses.detach())
        self.first_losses = self.first_losses.where(self.first_losses > 0, losses)
        speed = losses / self.first_losses.clamp(min=SMALLEST)
        weighted = self.task_weights * norms
        target = weighted.mean() * (speed / speed.mean().clamp(min=SMALLEST)) ** self.asymmetry
        stepped = self.task_weights - self.learning_rate * torch.sign(weighted - target) * norms
        stepped = stepped.clamp(min=SMALLEST)
        balanced = len(TASKS) * stepped / stepped.sum()
        self.task_weights = balanced.where((losses > 0).all(), self.task_weights)

    def _gradient_norm(self, loss: torch.Tensor) -> torch.Tensor:
        gradients = torch.autograd.grad(loss, self.shared, retain_graph=True)
        return torch.cat([gradient.flatten() for gradient in gradients]).norm()


def _over_processes(values: torch.Tensor) -> torch.Tensor:
    return idist.all_reduce(values) / idist.get_world_size()
