"""Loss of the catheter and wire mask (paper, section 2.2, equation 8)."""

from __future__ import annotations

import torch
from monai.losses import DiceLoss
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from custom.tensors import Tensors


class CrossEntropyLoss(nn.Module):
    """Binary cross entropy of the mask, averaged over pixels."""

    def forward(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """Compare `segmentation` logits (B, 1, H, W) with `mask` (B, 1, H, W); gives (B,) float32."""
        logits, mask = pred["segmentation"].float(), label["mask"].float()
        return binary_cross_entropy_with_logits(logits, mask, reduction="none").flatten(1).mean(1)


class SegmentationLoss(nn.Module):
    """Binary cross entropy plus one minus the soft intersection over union.

    The soft IoU is `(2 I + 1) / (2 U + 1)`: an empty mask predicted empty has 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cross_entropy = CrossEntropyLoss()
        self.iou = DiceLoss(jaccard=True, sigmoid=True, reduction="none", smooth_nr=1.0, smooth_dr=1.0)

    def forward(self, pred: Tensors, label: Tensors) -> torch.Tensor:
        """Compare `segmentation` logits (B, 1, H, W) with `mask` (B, 1, H, W); gives (B,) float32."""
        iou = self.iou(pred["segmentation"].float(), label["mask"].float())
        return self.cross_entropy(pred, label) + iou.flatten(1).mean(1)
