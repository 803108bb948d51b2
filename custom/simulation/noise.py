"""Random images from counters: a frame's noise depends on its key, not on batch, order, worker or device."""

from __future__ import annotations

import math

import torch

_MASK = (1 << 62) - 1


def uniform(keys: torch.Tensor, stream: int, shape: tuple[int, ...]) -> torch.Tensor:
    """Uniform numbers in (0, 1), a hash of key, stream and position.

    Args:
        keys: (B,) int64, one a frame.
        stream: separates the random images of one frame.
        shape: shape of one frame's numbers.

    Returns:
        (B, *shape) float32.
    """
    counters = torch.arange(math.prod(shape), device=keys.device, dtype=torch.int64).view(1, *shape)
    state = (keys * 6364136223846793005 + stream * 1442695040888963).view(-1, *[1] * len(shape)) + counters
    for multiplier in (-4658895280553007687, -7723592293110705685):  # splitmix64
        state = (state ^ ((state >> 30) & _MASK)) * multiplier
    bits = (state >> 40) & 0xFFFFFF
    return (bits.to(torch.float32) + 0.5) / (1 << 24)


def normal(keys: torch.Tensor, stream: int, shape: tuple[int, ...]) -> torch.Tensor:
    """Standard normal numbers (B, *shape) by Box and Muller; arguments as in `uniform`."""
    radius = torch.sqrt(-2 * torch.log(uniform(keys, 2 * stream, shape)))
    return radius * torch.cos(2 * math.pi * uniform(keys, 2 * stream + 1, shape))
