"""The prioritized sum of the task losses (paper, section 2.2, equations 1 and 4)."""

from __future__ import annotations

from collections.abc import Mapping

import ignite.distributed as idist
import torch
from torch import nn

from custom.errors import InputError
from custom.losses.detection import DetectionLoss
from custom.losses.segmentation import SegmentationLoss
from custom.prioritization import PriorityState
from custom.tasks import DETECTION, SEGMENTATION, TASKS
from custom.tensors import Tensors


class PrioritizedLoss(nn.Module):
    """Weights samples and tasks as a `PriorityState` says; the weights are constants in the backward pass.

    `L_t = sum_i d[i, t] l_t(i) / max(1, sum_i d[i, t])`, d being the sample's weight where the task is annotated and 0
    where it is not; the total is `sum_t w_t L_t`. Under several processes the sum of d runs over all of them, so that
    gradients averaged over processes are those of one process with the whole batch; a sample that the sampler repeats
    to give every process as many counts once.

    Args:
        priority: gives the weights.
        losses: of the tasks, each (pred, label) -> (B,); `DetectionLoss` and `SegmentationLoss` where none is named.

    Attributes:
        task_losses: L_t of the last call, detached.
        trained_tasks: bool tensors, whether the last call had samples of a task, in any process.

    Raises:
        InputError: if there is no such task; in use, if a loss has another shape.
    """

    def __init__(self, priority: PriorityState, *, losses: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__()
        self.priority = priority
        given = dict(losses or {})
        if unknown := given.keys() - set(TASKS):
            raise InputError("no such task", source="losses", found=min(unknown), expected=" or ".join(TASKS))
        self.losses = nn.ModuleDict({DETECTION: DetectionLoss(), SEGMENTATION: SegmentationLoss()} | given)
        self.task_losses: dict[str, torch.Tensor] = {}
        self.trained_tasks: dict[str, torch.Tensor] = {}

    def forward(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """Map logits and label of a batch to a scalar."""
        weights = self.priority.sample_weights(label["sample_index"]) * label["available"]
        weights = weights / _repetitions(label["sample_index"])[:, None]
        total = idist.all_reduce(weights.sum(0))
        divisor = total.clamp(min=1) / idist.get_world_size()
        sample_losses = torch.stack([self._sample_loss(task, pred, label) for task in TASKS], dim=1)
        losses = (weights * sample_losses).sum(0) / divisor
        self.priority.weighting.observe(losses)
        self.task_losses = dict(zip(TASKS, losses.detach(), strict=True))
        self.trained_tasks = dict(zip(TASKS, total > 0, strict=True))
        return (self.priority.task_weights() * losses).sum()

    def _sample_loss(self, task: str, pred: Tensors, label: Tensors) -> torch.Tensor:
        loss: torch.Tensor = self.losses[task](pred, label)
        samples = len(label["sample_index"])
        if loss.shape != (samples,):
            expected = f"one value for each of the {samples} samples"
            raise InputError("wrong shape", source=f"loss of {task}", found=tuple(loss.shape), expected=expected)
        return loss


def _repetitions(sample_index: torch.Tensor) -> torch.Tensor:
    """How often each sample of this process's batch is in the batches of all processes (B,)."""
    everywhere = idist.all_gather(sample_index)
    return (sample_index[:, None] == everywhere[None]).sum(dim=1)
