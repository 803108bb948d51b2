"""How far a frame is from those that the network was trained on."""

from typing import Any

import torch
from torch import nn

PREFIX = "feature_distance."


class FeatureDistance(nn.Module):
    """Mahalanobis distance of a frame's features from those of the training frames, in units of a limit.

    The bottleneck tells what the network sees, the trunk's first feature what it no longer sees there: texture, noise
    and polarity. What was fitted lies in buffers, hence with the weights. Before that the distance is NaN.

    Args:
        first_channels: of the trunk's first feature, which counts by mean and standard deviation over its places.
        deep_channels: of the bottleneck, which counts by its mean.

    Attributes:
        mean: (C,) mean of the training frames; C = 2 * first_channels + deep_channels.
        whitening: (C, C) lower triangle L of the precision matrix L L'.
        limit: the distance that counts as 1.
    """

    # TorchScript reads these types, which is why annotations are not postponed in this file.
    mean: torch.Tensor
    whitening: torch.Tensor
    limit: torch.Tensor

    def __init__(self, first_channels: int, deep_channels: int) -> None:
        super().__init__()
        channels = 2 * first_channels + deep_channels
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("whitening", torch.zeros(channels, channels))
        self.register_buffer("limit", torch.zeros(()))

    def forward(self, first: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
        """Map two features (B, channels, H, W), each of its size, to (B,) float32.

        Above 1 a frame is unlike nearly all training frames.
        """
        return self.measure(self.pool(first, deep))

    def pool(self, first: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
        """Summarise two features (B, channels, H, W) over their places, to (B, C) float32."""
        first, deep = first.float().flatten(2), deep.float().flatten(2)
        return torch.cat([first.mean(dim=2), first.std(dim=2), deep.mean(dim=2)], dim=1)

    def measure(self, pooled: torch.Tensor) -> torch.Tensor:
        """Map (B, C) to (B,)."""
        centred = pooled - self.mean
        # Not a matrix product, which autocast would compute in reduced precision.
        whitened = (centred[:, :, None] * self.whitening).sum(dim=1)
        return whitened.square().sum(dim=1).sqrt() / self.limit

    def set(self, mean: torch.Tensor, precision: torch.Tensor, limit: float) -> None:
        """Take over what was fitted: (C,) mean, (C, C) precision matrix, and the distance that counts as 1."""
        self.mean.copy_(mean)
        self.whitening.copy_(torch.linalg.cholesky(precision))
        self.limit.fill_(limit)

    def forget(self) -> None:
        """Be as before anything was fitted."""
        for buffer in self.buffers():
            buffer.zero_()

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *arguments: Any) -> None:
        # Weights of before there was a distance load strictly, too, and leave it unfitted.
        for name, buffer in self.named_buffers():
            state_dict.setdefault(prefix + name, torch.zeros_like(buffer))
        super()._load_from_state_dict(state_dict, prefix, *arguments)
