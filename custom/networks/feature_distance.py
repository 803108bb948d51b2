"""How far a frame is from those that the network was trained on."""

from typing import Any

import torch
from torch import nn

PREFIX = "feature_distance."


class FeatureDistance(nn.Module):
    """Mahalanobis distance of a frame's mean features from those of the training frames, in units of a limit.

    What was fitted lies in buffers, hence with the weights. Before that the distance is NaN.

    Args:
        channels: C, of the feature.

    Attributes:
        mean: (C,) mean features of the training frames.
        whitening: (C, C) lower triangle L of the precision matrix L L'.
        limit: the distance that counts as 1.
    """

    # TorchScript reads these types, which is why annotations are not postponed in this file.
    mean: torch.Tensor
    whitening: torch.Tensor
    limit: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("whitening", torch.zeros(channels, channels))
        self.register_buffer("limit", torch.zeros(()))

    def forward(self, feature: torch.Tensor) -> torch.Tensor:
        """Map (B, C, H, W) to (B,) float32; above 1 a frame is unlike nearly all training frames."""
        centred = self.pool(feature) - self.mean
        # Not a matrix product, which autocast would compute in reduced precision.
        whitened = (centred[:, :, None] * self.whitening).sum(dim=1)
        return whitened.square().sum(dim=1).sqrt() / self.limit

    def pool(self, feature: torch.Tensor) -> torch.Tensor:
        """Average (B, C, H, W) over its places, to (B, C) float32."""
        return feature.float().mean(dim=(2, 3))

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
