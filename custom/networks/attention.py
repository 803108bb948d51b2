"""Convolutional block attention (CBAM; paper, section 2.1)."""

from __future__ import annotations

import torch
from torch import nn

REDUCTION = 16  # the perceptron that both summaries share is so much narrower than the feature


class ChannelGate(nn.Module):
    """Scales each channel by what its average and its maximum over the map say.

    Args:
        channels: of the feature.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(1, channels // REDUCTION)
        self.perceptron = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, channels, 1))

    def forward(self, feature: torch.Tensor) -> torch.Tensor:
        """Map (B, C, H, W) to the same shape."""
        average = self.perceptron(feature.mean(dim=(2, 3), keepdim=True))
        maximum = self.perceptron(feature.amax(dim=(2, 3), keepdim=True))
        return feature * torch.sigmoid(average + maximum)


class SpatialGate(nn.Module):
    """Scales each place by what the average and the maximum over its channels say, seen 7 x 7 wide."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 1, kernel_size=7, padding=3, bias=False)
        self.norm = nn.BatchNorm2d(1)

    def forward(self, feature: torch.Tensor) -> torch.Tensor:
        """Map (B, C, H, W) to the same shape."""
        summary = torch.cat([feature.mean(dim=1, keepdim=True), feature.amax(dim=1, keepdim=True)], dim=1)
        return feature * torch.sigmoid(self.norm(self.convolution(summary)))


class ConvolutionalBlockAttention(nn.Sequential):
    """The channel gate, then the spatial gate."""

    def __init__(self, channels: int) -> None:
        super().__init__(ChannelGate(channels), SpatialGate())
