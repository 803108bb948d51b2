"""Key performance indicators of segmentation, and those made of a loss (paper, section 2.2 and Table 6)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch

from custom.tensors import Tensors


class Kpi(ABC):
    """How well a task does on each sample: 1 is perfect."""

    @abstractmethod
    def __call__(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """Map logits and label of a batch to (B,) float32 in [0, 1], without waiting for the device."""


class IouKpi(Kpi):
    """Intersection over union of mask and prediction (probability above one half); 1 where both are empty."""

    def __call__(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """See `Kpi`."""
        predicted = (pred["segmentation"] > 0).flatten(1)
        true = (label["mask"] > 0.5).flatten(1)
        union = (predicted | true).sum(1)
        return torch.where(union > 0, (predicted & true).sum(1) / union, 1.0)


class DiceKpi(Kpi):
    """Dice coefficient of mask and prediction (probability above one half); 1 where both are empty."""

    def __init__(self) -> None:
        self.iou = IouKpi()

    def __call__(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """See `Kpi`."""
        iou = self.iou(pred, label)
        return 2 * iou / (1 + iou)


class LossKpi(Kpi):
    """A loss as a KPI: `exp(-loss)`.

    Args:
        loss: (pred, label) -> (B,), not negative; `CenterFocalLoss` and `CrossEntropyLoss` are the paper's.
    """

    def __init__(self, loss: Callable[[Tensors, Tensors], torch.Tensor]) -> None:
        self.loss = loss

    def __call__(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """See `Kpi`."""
        return torch.exp(-self.loss(pred, label))
