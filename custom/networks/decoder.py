"""From the map at stride 16 up to the stride of the heads."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from monai.networks.nets.resnet import ResNetBlock
from torch import nn
from torch.nn.functional import interpolate


def residual_block(in_channels: int, out_channels: int) -> nn.Module:
    """A basic residual block, with a 1 x 1 convolution on its shortcut where the width changes."""
    shortcut = None
    if in_channels != out_channels:
        shortcut = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels))
    return ResNetBlock(in_channels, out_channels, spatial_dims=2, downsample=shortcut)


class UpsampleBlock(nn.Module):
    """Doubles the resolution of a map, adds a feature of the trunk, and lets a residual block join them.

    Args:
        in_channels: of the map that comes from below.
        skip_channels: of the trunk's feature.
        out_channels: of the result.
    """

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.skip = nn.Conv2d(skip_channels, in_channels, kernel_size=3, padding=1)
        self.join = residual_block(in_channels, out_channels)

    def forward(self, deep: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        """Map (B, in, H, W) and (B, skip, 2H, 2W) to (B, out, 2H, 2W)."""
        raised = interpolate(deep, scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.join(raised + self.skip(skip))


class Decoder(nn.Module):
    """One `UpsampleBlock` a step.

    Args:
        in_channels: of the deepest map.
        skip_channels: of the features added on the way up, deepest first.
        out_channels: of the steps' results.
    """

    def __init__(self, in_channels: int, *, skip_channels: Sequence[int], out_channels: Sequence[int]) -> None:
        super().__init__()
        widths = [in_channels, *out_channels]
        self.steps = nn.ModuleList(
            UpsampleBlock(deep, skip, out) for deep, skip, out in zip(widths, skip_channels, out_channels, strict=False)
        )

    def forward(self, deep: torch.Tensor, skips: list[torch.Tensor]) -> torch.Tensor:
        """Go up from (B, C, H, W) over `skips`, deepest first."""
        for index, step in enumerate(self.steps):
            deep = step(deep, skips[index])
        return deep
