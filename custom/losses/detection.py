"""Losses of electrode detection (paper, section 2.2, equation 7)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import logsigmoid

from custom.tensors import Tensors

FOCUS = 2
PENALTY_REDUCTION = 4


class CenterFocalLoss(nn.Module):
    """CenterNet's penalty-reduced pixelwise focal loss of the centre heatmap.

    A cell that holds an electrode's centre costs `-(1 - p)^2 log p`, any other `-(1 - y)^4 p^2 log(1 - p)`: cells near
    a centre, where the target y is close to 1, are hardly punished. The sum is divided by the number of centre cells.
    """

    def forward(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """Compare `center` logits (B, 1, H, W) with `center` and `center_cells` of the label; gives (B,) float32."""
        logits = pred["center"].float()
        target = label["center"].float()
        probability = logits.sigmoid()
        at_centers = (1 - probability) ** FOCUS * logsigmoid(logits)
        elsewhere = (1 - target) ** PENALTY_REDUCTION * probability**FOCUS * logsigmoid(-logits)
        loss = -torch.where(label["center_cells"], at_centers, elsewhere)
        return loss.flatten(1).sum(1) / _count(label["center_cells"])


class DetectionLoss(nn.Module):
    """Focal loss of the centres plus L1 of box size, and of the sub-pixel offset where there is such a head.

    Args:
        size_weight: lambda in the paper.
        offset_weight: of the offset.
    """

    def __init__(self, size_weight: float = 1.0, offset_weight: float = 1.0) -> None:
        super().__init__()
        self.focal = CenterFocalLoss()
        self.weights = {"size": size_weight, "offset": offset_weight}

    def forward(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """Map logits and targets of a batch to (B,) float32; size and offset are in cells, at centre cells only."""
        loss = self.focal(pred, label)
        for name, weight in self.weights.items():
            if name in pred:
                loss = loss + weight * _l1_at_centers(pred[name], label[name], label["center_cells"])
        return loss


def _l1_at_centers(pred: torch.Tensor, target: torch.Tensor, center_cells: torch.Tensor) -> torch.Tensor:
    distance = (pred.float() - target.float()).abs().mean(dim=1, keepdim=True)
    return (distance * center_cells).flatten(1).sum(1) / _count(center_cells)


def _count(center_cells: torch.Tensor) -> torch.Tensor:
    return center_cells.flatten(1).sum(1).clamp(min=1)
