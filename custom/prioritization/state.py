"""What training knows about its samples and tasks (paper, section 2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from custom.errors import InputError
from custom.prioritization.checks import check_setting
from custom.prioritization.selection import SampleSelection, TopKHard
from custom.prioritization.weighting import InverseKpi, TaskWeighting
from custom.tasks import TASKS

SMALLEST_KPI = 1e-3


class PriorityState(nn.Module):
    """Averages the KPIs, ranks the samples once an epoch and keeps the schedule; sampler, loss and handler read it.

    KPIs are exponential moving averages, `k = alpha * k_now + (1 - alpha) * k`, initialised by the first observation:
    of a sample over its own observations, of a task over iterations (its mean in the batch). In a refresh epoch, the
    first and every `refresh_interval`-th after it, the samples that the selection leaves out train as well, with weight
    1, so that no KPI goes stale. The tensors follow the device of the indices that they are asked for.

    Args:
        size: number of training samples S.
        selection: which samples train which task.
        weighting: how much each task counts.
        alpha: weight of the newest KPI, in (0, 1].
        initial_share: share of the samples that the selection is told to keep at first, in (0, 1].
        final_share: the same at the end.
        share_epochs: the share goes linearly from `initial_share` at the first epoch to `final_share` at the second.
        refresh_interval: epochs from one refresh to the next; 1 leaves nothing out ever.
        count_empty_frames: samples that have nothing to find count in the KPI of a task, too. Theirs is 1 as long as
            nothing is found, so before anything is learned.

    Raises:
        InputError: where a setting is out of range, or the weighting is none; in use, if weights have another shape.
    """

    kpis: torch.Tensor
    observed: torch.Tensor
    available: torch.Tensor
    weights: torch.Tensor
    average_task_kpis: torch.Tensor
    observed_tasks: torch.Tensor
    ranked_epoch: torch.Tensor

    def __init__(
        self,
        size: int,
        *,
        selection: SampleSelection | None = None,
        weighting: TaskWeighting | None = None,
        alpha: float = 0.1,
        initial_share: float = 1.0,
        final_share: float = 0.7,
        share_epochs: Sequence[int] = (0, 50),
        refresh_interval: int = 10,
        count_empty_frames: bool = False,
    ) -> None:
        super().__init__()
        if size < 1:
            problem = "there are no frames to train on"
            raise InputError(problem, remedy="Add some to the datalist; in MONAI Label, save labels first")
        check_setting("alpha", alpha, 0 < alpha <= 1, "a number above 0, at most 1")
        check_setting("initial_share", initial_share, 0 < initial_share <= 1, "a number above 0, at most 1")
        check_setting("final_share", final_share, 0 < final_share <= 1, "a number above 0, at most 1")
        in_order = len(share_epochs) == 2 and share_epochs[0] <= share_epochs[1]
        check_setting("share_epochs", share_epochs, in_order, "two epochs, in order")
        check_setting("refresh_interval", refresh_interval, refresh_interval >= 1, "at least 1")
        self.size = size
        self.selection = selection or TopKHard()
        self.weighting = weighting or InverseKpi()
        if not isinstance(self.weighting, TaskWeighting):
            found, expected = type(self.weighting).__name__, "a class derived from custom.prioritization.TaskWeighting"
            raise InputError("is no weighting of tasks", source="weighting", found=found, expected=expected)
        self.alpha = alpha
        self.initial_share = initial_share
        self.final_share = final_share
        self.first_share_epoch, self.last_share_epoch = share_epochs
        self.refresh_interval = refresh_interval
        self.count_empty_frames = count_empty_frames
        self.register_buffer("kpis", torch.zeros(size, len(TASKS)))
        self.register_buffer("observed", torch.zeros(size, len(TASKS), dtype=torch.bool))
        self.register_buffer("available", torch.ones(size, len(TASKS), dtype=torch.bool))
        self.register_buffer("weights", torch.ones(size, len(TASKS)))
        self.register_buffer("average_task_kpis", torch.zeros(len(TASKS)))
        self.register_buffer("observed_tasks", torch.zeros(len(TASKS), dtype=torch.bool))
        self.register_buffer("ranked_epoch", torch.tensor(0))

    def start_epoch(self, epoch: int) -> None:
        """Rank the samples for an epoch, counted from 1; asked again for the same epoch, the ranking stays.

        Args:
            epoch: the one that starts.
        """
        if epoch == int(self.ranked_epoch):
            return
        # Sorting on the CPU breaks ties alike on every device and rank.
        weights = self.selection(self.difficulty().cpu(), self.available.cpu(), self.share(epoch))
        _check_shape("selection", weights, self.weights.shape)
        if (epoch - 1) % self.refresh_interval == 0:
            weights = weights.where(weights > 0, self.available.cpu().float())
        self.weights.copy_(weights)
        self.weighting.start_epoch()
        self.ranked_epoch.fill_(epoch)

    def difficulty(self) -> torch.Tensor:
        """One over the averaged KPIs (S, T); infinite where a sample was never seen."""
        return (1 / self.kpis.clamp(min=SMALLEST_KPI)).where(self.observed, torch.inf)

    def share(self, epoch: int) -> float:
        """Share of the samples that the selection is told to keep in an epoch."""
        length = max(1, self.last_share_epoch - self.first_share_epoch)
        progress = min(1.0, max(0.0, (epoch - self.first_share_epoch) / length))
        return self.initial_share + progress * (self.final_share - self.initial_share)

    def update(
        self,
        sample_index: torch.Tensor,
        kpis: torch.Tensor,
        available: torch.Tensor,
        present: torch.Tensor | None = None,
        empty: torch.Tensor | None = None,
    ) -> None:
        """Take in what a batch showed.

        A random view of a frame may have lost all that there is to find: that nothing was found there says nothing
        about the sample.

        Args:
            sample_index: (B,) positions in the training list; one that is repeated counts with its mean.
            kpis: (B, T) KPIs.
            available: (B, T) bool, which tasks are annotated; other KPIs are ignored.
            present: (B, T) bool, which tasks have anything to find; all by default.
            empty: (B, T) bool, which tasks have nothing to find on the frame as a whole; where `present` does not hold
                by default.
        """
        self._follow(sample_index)
        present = torch.ones_like(available) if present is None else present
        empty = ~present if empty is None else empty
        measured = available & (present | empty)
        counting = measured if self.count_empty_frames else measured & present
        count = self._sum_by_sample(sample_index, measured.float())
        counted = self._sum_by_sample(sample_index, counting.float()) > 0
        total = self._sum_by_sample(sample_index, kpis.where(measured, 0))
        seen = self.observed.new_zeros(self.size).index_fill(0, sample_index, True)
        annotated = self._sum_by_sample(sample_index, available.float()) > 0
        self.available = torch.where(seen[:, None], annotated, self.available)
        newest = total / count.clamp(min=1)
        self.kpis, self.observed = self._average(self.kpis, self.observed, newest, count)
        mean = newest.where(counted, 0).sum(0) / counted.sum(0).clamp(min=1)
        self.average_task_kpis, self.observed_tasks = self._average(
            self.average_task_kpis, self.observed_tasks, mean, counted.sum(0)
        )

    def selected_indices(self) -> torch.Tensor:
        """Positions (N,) of the samples that train any task in the current epoch, ascending, on the CPU."""
        return (self.weights > 0).any(dim=1).nonzero().squeeze(1).cpu()

    @property
    def kept_share(self) -> float:
        """Share of the samples that train any task in the current epoch."""
        return len(self.selected_indices()) / self.size

    def sample_weights(self, sample_index: torch.Tensor) -> torch.Tensor:
        """Weights (B, T) of the samples in the current epoch."""
        self._follow(sample_index)
        return self.weights[sample_index]

    def task_kpis(self) -> torch.Tensor:
        """Averaged KPIs (T,), 0 for a task that was never seen."""
        return self.average_task_kpis

    def task_weights(self) -> torch.Tensor:
        """Weights (T,) of the task losses; a task that was never seen counts as one without errors."""
        weights = self.weighting(self.average_task_kpis.where(self.observed_tasks, 1.0))
        _check_shape("weighting", weights, self.average_task_kpis.shape)
        return weights

    def load_state_dict(self, state_dict: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Restore KPIs, ranking and epoch.

        Raises:
            InputError: where the state is that of another number of samples.
        """
        found = len(state_dict.get("kpis", self.kpis))
        check_setting("size", found, found == self.size, f"{self.size}, the number of training samples")
        return super().load_state_dict(state_dict, *args, **kwargs)

    def _sum_by_sample(self, sample_index: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        return self.kpis.new_zeros(self.kpis.shape).index_add(0, sample_index, values)

    def _average(
        self, average: torch.Tensor, observed: torch.Tensor, newest: torch.Tensor, count: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        moved = self.alpha * newest + (1 - self.alpha) * average
        average = torch.where(count > 0, torch.where(observed, moved, newest), average)
        return average, observed | (count > 0)

    def _follow(self, sample_index: torch.Tensor) -> None:
        if self.weights.device != sample_index.device:
            self.to(sample_index.device)


def _check_shape(source: str, weights: torch.Tensor, expected: torch.Size) -> None:
    if weights.shape != expected:
        meaning = f"{tuple(expected)}: {'samples x ' * (len(expected) > 1)}{' and '.join(TASKS)}"
        raise InputError("weights of another shape", source=source, found=tuple(weights.shape), expected=meaning)
