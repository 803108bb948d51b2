"""Random numbers for the frames of a batch, drawn on the CPU, so that a seed gives the same on every device."""

from __future__ import annotations

import torch


def uniform(image: torch.Tensor, count: int, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """Draw (B, count) numbers from `low` to `high` for an image (B, ...), on its device."""
    return (low + (high - low) * torch.rand(image.shape[0], count)).to(image.device)


def happens(image: torch.Tensor, probability: float) -> torch.Tensor:
    """Draw (B, 1), 1 with `probability` and otherwise 0."""
    return (uniform(image, 1) < probability).float()
