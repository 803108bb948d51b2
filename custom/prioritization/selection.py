"""Which samples train which task, and how much each counts (paper, equation 3 and Table 7)."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch

from custom.prioritization.checks import check_setting


class SampleSelection(ABC):
    """Gives every sample a weight for every task; 0 leaves it out."""

    @abstractmethod
    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """Weigh the samples.

        Args:
            difficulty: (S, T), one over the KPI; infinite where it is not known yet, so that it counts as hardest.
            available: (S, T) bool, False where the sample is known to lack the label of the task.
            share: share of the available samples to keep, where the strategy follows the schedule.

        Returns:
            (S, T) float32 weights, 0 wherever not available.
        """


class NoSelection(SampleSelection):
    """Every sample, weight 1."""

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        return available.float()


class TopKHard(SampleSelection):
    """The hardest `share` of the samples, weight 1 (the paper's choice)."""

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        return top_share(difficulty, available, share).float()


class TopKJoint(SampleSelection):
    """The samples that are hardest over all tasks, weight 1 for each of them; not of the paper.

    Tasks find different samples hard, so that the hardest 70 % for each make far more than 70 % of the samples. Ranked
    by their mean rank over the tasks that they are annotated for, the share of an epoch is the one that is asked for.
    """

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        ranks = descending_rank(difficulty, available) / available.sum(0).clamp(min=1)
        mean_rank = ranks.where(available, 0).sum(1) / available.sum(1).clamp(min=1)
        chosen = top_share(-mean_rank[:, None], available.any(1, keepdim=True), share)
        return (chosen & available).float()


class TopKSoft(SampleSelection):
    """The hardest `share` of the samples, weighted by difficulty."""

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        return relative_difficulty(difficulty, top_share(difficulty, available, share))


class SoftAssignment(SampleSelection):
    """Every sample, weighted by difficulty."""

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        return relative_difficulty(difficulty, available)


class HardAssignment(SampleSelection):
    """Samples whose difficulty, normalised to [0, 1] over the task's samples, is above a threshold; weight 1.

    Args:
        threshold: in [0, 1). Where all are equally hard, all are kept.

    Raises:
        InputError: where it is not.
    """

    def __init__(self, threshold: float = 0.5) -> None:
        check_setting("threshold", threshold, 0 <= threshold < 1, "a number from 0 on, below 1")
        self.threshold = threshold

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        measured = available & difficulty.isfinite()
        lowest = difficulty.where(measured, torch.inf).amin(0)
        highest = difficulty.where(measured, -torch.inf).amax(0)
        normalised = (difficulty - lowest) / (highest - lowest)
        return (available & ((normalised > self.threshold) | ~measured | (lowest == highest))).float()


class FixedShare(SampleSelection):
    """The hardest samples, weight 1, always the same share of them whatever the schedule says.

    Args:
        share: in (0, 1].

    Raises:
        InputError: where it is not.
    """

    def __init__(self, share: float = 0.5) -> None:
        check_setting("share", share, 0 < share <= 1, "a number above 0, at most 1")
        self.share = share

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        return top_share(difficulty, available, self.share).float()


class SelfPaced(SampleSelection):
    """The easiest `share` of the samples, weight 1: Kumar et al., NeurIPS 2010, with a share that grows."""

    def __call__(self, difficulty: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
        """See `SampleSelection`."""
        return top_share(1 / difficulty, available, share).float()


def top_share(values: torch.Tensor, available: torch.Tensor, share: float) -> torch.Tensor:
    """Mark the `share` of each task's available samples that has the highest values; equals go by index.

    Returns:
        (S, T) bool, at least one sample a task that has any.
    """
    count = (share * available.sum(0)).round().clamp(min=1)
    return available & (descending_rank(values, available) < count)


def descending_rank(values: torch.Tensor, available: torch.Tensor) -> torch.Tensor:
    """Rank (S, T) of each sample in each task, 0 for the highest value; equals go by index, unavailable ones last."""
    order = values.where(available, -torch.inf).argsort(dim=0, descending=True, stable=True)
    return order.argsort(dim=0)


def relative_difficulty(difficulty: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """Difficulty over its mean among the chosen samples of the task; 0 for the others.

    A sample that was never seen counts as the hardest seen one.
    """
    measured = chosen & difficulty.isfinite()
    highest = difficulty.where(measured, 0).amax(0)
    filled = difficulty.where(measured, highest.where(highest > 0, 1)).where(chosen, 0)
    return filled * chosen.sum(0) / filled.sum(0).where(chosen.any(0), 1)
