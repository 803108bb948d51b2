"""The prediction heads (paper, section 3.1)."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn.functional import interpolate

from custom.errors import InputError

STRIDES = (4, 2, 1)
CENTER_PRIOR = 0.1


class Heads(nn.Module):
    """One head an output: two 3 x 3 convolutions and a 1 x 1.

    Args:
        in_channels: of the feature.
        channels: of the 3 x 3 convolutions.
        offset: adds a head for the sub-pixel position inside a cell.
        shared_trunk: the heads share their 3 x 3 convolutions.
        cells: on a side of each place of the feature: the 1 x 1 convolutions answer for all of them, which costs little
            beside convolutions of so fine a map.
    """

    def __init__(self, in_channels: int, *, channels: int, offset: bool, shared_trunk: bool, cells: int = 1) -> None:
        super().__init__()
        outputs = {"segmentation": 1, "center": 1, "size": 2} | ({"offset": 2} if offset else {})
        self.trunk = _convolutions(in_channels, channels) if shared_trunk else nn.Identity()
        last: dict[str, nn.Module] = {name: nn.Conv2d(channels, width * cells**2, 1) for name, width in outputs.items()}
        # The prior keeps the focal loss of the many empty cells from drowning the few electrodes at the start.
        nn.init.constant_(last["center"].get_parameter("bias"), math.log(CENTER_PRIOR / (1 - CENTER_PRIOR)))
        if not shared_trunk:
            last = {name: nn.Sequential(_convolutions(in_channels, channels), layer) for name, layer in last.items()}
        self.outputs = nn.ModuleDict(last)
        self.to_cells = nn.PixelShuffle(cells) if cells > 1 else nn.Identity()

    def forward(self, feature: torch.Tensor) -> dict[str, torch.Tensor]:
        """Map (B, C, H, W) to each output's (B, channels, cells * H, cells * W)."""
        feature = self.trunk(feature)
        return {name: self.to_cells(head(feature)) for name, head in self.outputs.items()}


def checked_stride(stride: int) -> int:
    """Return the pixels of the image to a cell of the heads.

    Raises:
        InputError: where the heads cannot have this stride.
    """
    if stride not in STRIDES:
        raise InputError("not a stride of the heads", field="head_stride", found=stride, expected="4, 2 or 1")
    return stride


def with_full_mask(logits: dict[str, torch.Tensor], stride: int) -> dict[str, torch.Tensor]:
    """Bring `segmentation` (B, 1, H, W) to the resolution of the image (B, 1, stride * H, stride * W)."""
    if stride > 1:
        logits["segmentation"] = interpolate(
            logits["segmentation"], scale_factor=float(stride), mode="bilinear", align_corners=False
        )
    return logits


def _convolutions(in_channels: int, channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, channels, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
    )
