"""Rivals of KPI-based task weighting that follow the gradients of the task losses (paper, Table 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import nn

from custom.prioritization.checks import check_not_negative
from custom.prioritization.processes import mean_over_processes
from custom.prioritization.weighting import LearnedWeights
from custom.tasks import TASKS

SMALLEST = 1e-3
# Keeps gradients above the smallest numbers of float16, as the engine's own gradient scaling does in its backward pass.
HALF_PRECISION_SCALE = 1024.0


class GradNorm(LearnedWeights):
    """Chen et al., ICML 2018: weights under which all tasks move the shared layers at balanced speeds.

    The weighted loss of task t has the gradient norm `G_t = w_t |dL_t/dW|` at the shared parameters W; its target is
    the mean of G times `r_t^asymmetry`, r being the task's loss over its first one, relative to the mean of the tasks.
    The weights descend `sum_t |G_t - target_t|` by one step a training step, and sum up to the number of tasks.

    Args:
        shared: the last parameters that all tasks share.
        asymmetry: how hard slow tasks are pushed; alpha in the original.
        learning_rate: of the weights.

    Raises:
        InputError: where a setting is negative.
    """

    first_losses: torch.Tensor

    def __init__(self, shared: Iterable[nn.Parameter], *, asymmetry: float = 1.5, learning_rate: float = 0.025) -> None:
        super().__init__()
        check_not_negative("asymmetry", asymmetry)
        check_not_negative("learning_rate", learning_rate)
        self.shared = list(shared)
        self.asymmetry = asymmetry
        self.learning_rate = learning_rate
        self.register_buffer("first_losses", torch.zeros(len(TASKS)))

    def observe(self, losses: torch.Tensor) -> None:
        """See `TaskWeighting`."""
        norms = torch.stack([gradient(loss, self.shared).norm() for loss in losses])
        losses = mean_over_processes(losses.detach())
        self.first_losses = self.first_losses.where(self.first_losses > 0, losses)
        speed = losses / self.first_losses.clamp(min=SMALLEST)
        weighted = self.task_weights * norms
        target = weighted.mean() * (speed / speed.mean().clamp(min=SMALLEST)) ** self.asymmetry
        stepped = self.task_weights - self.learning_rate * torch.sign(weighted - target) * norms
        stepped = stepped.clamp(min=SMALLEST)
        balanced = len(TASKS) * stepped / stepped.sum()
        self.task_weights = balanced.where((losses > 0).all() & balanced.isfinite().all(), self.task_weights)


class PCGrad(LearnedWeights):
    """Yu et al., NeurIPS 2020 (PCGrad): where the gradients of the two tasks point against each other, neither may.

    Each gradient loses its part along the other: `g_1 - <g_1, g_2> / |g_2|^2 g_2`, and alike for g_2. The sum of both
    is `sum_t w_t g_t` with `w_t = 1 + max(0, -<g_1, g_2>) / |g_t|^2`, so that weights do it, without a training step
    of its own. It costs a backward pass a task.

    Args:
        parameters: all of the network's.
    """

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        super().__init__()
        self.network_parameters = list(parameters)

    def observe(self, losses: torch.Tensor) -> None:
        """See `TaskWeighting`."""
        first, second = (gradient(loss, self.network_parameters) for loss in losses)
        conflict = -(first @ second).clamp(max=0)
        lengths = torch.stack([first @ first, second @ second])
        weights = 1 + conflict / lengths
        self.task_weights = weights.where(weights.isfinite().all(), 1.0)


def gradient(loss: torch.Tensor, parameters: Sequence[nn.Parameter]) -> torch.Tensor:
    """Gradient of `loss` at `parameters`, flat, averaged over processes; the graph stays."""
    parts = torch.autograd.grad(
        HALF_PRECISION_SCALE * loss, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    return mean_over_processes(torch.cat([part.flatten() for part in parts]).float() / HALF_PRECISION_SCALE)
