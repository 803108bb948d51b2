"""Filters with a width of its own for each frame, as shifted sums: a batch gives what one frame alone gives."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

_STRIDE = 8  # of the grid for wide blurs, in pixels


def gaussian_blur(images: torch.Tensor, sigma: torch.Tensor, truncate: float = 3.0) -> torch.Tensor:
    """Blur each image with its own width.

    Args:
        images: (B, C, H, W).
        sigma: (B,) standard deviations in pixels, at most a third of the image; 0 leaves an image alone.
        truncate: where the kernel ends, in standard deviations.
    """
    # One radius for the batch: weights beyond a frame's own truncation are zero, so neighbours do not matter.
    radius = max(1, math.ceil(truncate * float(sigma.max())))
    offsets = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
    own = torch.ceil(truncate * sigma).clamp(min=1)[:, None]
    weights = torch.exp(-0.5 * (offsets / sigma.clamp(min=1e-3)[:, None]) ** 2) * (offsets.abs() <= own)
    total = torch.zeros_like(weights[:, 0])
    for column in weights.unbind(1):
        total = total + column
    weights = weights / total[:, None]
    return _blur_axis(_blur_axis(images, weights, radius, -1), weights, radius, -2)


def _blur_axis(images: torch.Tensor, weights: torch.Tensor, radius: int, axis: int) -> torch.Tensor:
    padding = (radius, radius, 0, 0) if axis == -1 else (0, 0, radius, radius)
    padded = functional.pad(images, padding, mode="replicate")
    length = images.shape[axis]
    result = torch.zeros_like(images)
    for offset in range(2 * radius + 1):
        result = torch.addcmul(result, padded.narrow(axis, offset, length), weights[:, offset].view(-1, 1, 1, 1))
    return result


def wide_blur(images: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Blur by widths of many pixels: on a coarser grid, interpolated back."""
    coarse = functional.avg_pool2d(images, _STRIDE)
    blurred = gaussian_blur(coarse, sigma / _STRIDE, truncate=2.5)
    return enlarged(blurred, images.shape[-2], images.shape[-1])


def enlarged(images: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Images (B, C, h, w) on a finer grid (B, C, rows, columns) of the same field, interpolated linearly.

    What `functional.interpolate` gives; its last bits, however, depend on the number of threads.
    """
    return _enlarged_axis(_enlarged_axis(images, columns, -1), rows, -2)


def _enlarged_axis(images: torch.Tensor, length: int, axis: int) -> torch.Tensor:
    last = images.shape[axis] - 1
    position = (torch.arange(length, device=images.device) + 0.5) * ((last + 1) / length) - 0.5
    position = position.clamp(0, last)
    before = position.long()
    low, high = images.index_select(axis, before), images.index_select(axis, (before + 1).clamp(max=last))
    share = (position - before).view(-1, *[1] * (-1 - axis))
    return torch.addcmul(low, high - low, share)


def frame_mean(images: torch.Tensor) -> torch.Tensor:
    """Mean (B, 1, 1, 1) of each one-channel image; rows first, so that the sum's order does not depend on the batch."""
    return images.mean(-1).mean(-1)[..., None, None]
