"""From the detector's signal to grey levels: what vendors do to a frame before it is shown or stored."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from custom.simulation.detector import ImagingBatch, per_frame
from custom.simulation.filters import frame_mean, gaussian_blur, wide_blur

_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55), (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62), (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip


def displayed(signal: torch.Tensor, field: torch.Tensor, imaging: ImagingBatch, black: torch.Tensor) -> torch.Tensor:
    """Grey levels in [0, 255], not rounded: logarithm, local contrast, edges, window, shutter.

    Args:
        signal: (B, 1, H, W) photons.
        field: (B, 1, H, W) share of the beam inside the collimator.
        imaging: the frames' settings.
        black: (B,) bool, whether what lies behind the collimator is shown black.
    """
    visible = (field > 0.5).to(signal.dtype)
    area = frame_mean(visible).clamp(min=1e-3)
    level = frame_mean(signal * visible) / area
    density = -torch.log((signal / level.clamp(min=1e-6)).clamp(min=0.01))
    longest_side = max(signal.shape[-2:])
    native_pixel = longest_side / imaging["native_matrix"]
    density = gaussian_blur(density, imaging["smoothing_pixels"] * native_pixel)
    coarse = wide_blur(density, torch.full_like(native_pixel, 0.07 * longest_side))
    density = density - per_frame(imaging["harmonization"]) * coarse
    blurred = gaussian_blur(density, (imaging["edge_scale_pixels"] * native_pixel).clamp(max=8.0))
    density = density + per_frame(imaging["edge_enhancement"]) * (density - blurred)
    mean = frame_mean(density * visible) / area
    spread = torch.sqrt(frame_mean((density - mean) ** 2 * visible) / area).clamp(min=0.02)
    # A flat scene is not stretched without end: a window has a least width.
    gain = per_frame(imaging["standard_deviation"]) / spread
    grey = per_frame(imaging["mean"]) - gain.clamp(max=160.0) * (density - mean)
    shutter = torch.where(per_frame(black), field, torch.ones_like(field))
    return (grey * shutter).clamp(0, 255)


def jpeg(images: torch.Tensor, quality: torch.Tensor) -> torch.Tensor:
    """Images (B, 1, H, W) in [0, 255] after baseline JPEG's quantisation.

    Quality is (B,), 1 to 100; 0 leaves an image alone.
    """
    batch, _, rows, columns = images.shape
    table = torch.tensor(_LUMINANCE, dtype=images.dtype, device=images.device)
    percent = torch.where(quality < 50, 5000 / quality.clamp(min=1), 200 - 2 * quality)
    steps = torch.floor((table * percent[:, None, None] + 50) / 100).clamp(1, 255)[:, None, :, None, :]
    basis = _cosines(images.device, images.dtype)
    padded = functional.pad(images, (0, -columns % 8, 0, -rows % 8), mode="replicate")
    blocks = padded.reshape(batch, padded.shape[-2] // 8, 8, padded.shape[-1] // 8, 8) - 128
    coefficients = _along(_along(blocks, basis, 4), basis, 2)
    rounded = torch.round(coefficients / steps) * steps
    decoded = _along(_along(rounded, basis.T, 4), basis.T, 2) + 128
    result = decoded.reshape(batch, 1, *padded.shape[-2:])[..., :rows, :columns]
    return torch.where(per_frame(quality > 0), result.clamp(0, 255), images)


def _cosines(device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """The orthonormal 8-point cosine transform (8 frequencies, 8 samples)."""
    frequency = torch.arange(8, device=device, dtype=dtype)[:, None]
    sample = torch.arange(8, device=device, dtype=dtype)[None]
    basis = torch.cos(math.pi * (2 * sample + 1) * frequency / 16) / 2
    basis[0] /= math.sqrt(2)
    return basis


def _along(blocks: torch.Tensor, matrix: torch.Tensor, axis: int) -> torch.Tensor:
    """Multiply one axis of 8 by a matrix, as a sum whose order does not depend on the batch."""
    moved = blocks.movedim(axis, 0)
    total = moved[0] * matrix[:, 0].view(8, 1, 1, 1, 1)
    for sample in range(1, 8):
        total = torch.addcmul(total, moved[sample], matrix[:, sample].view(8, 1, 1, 1, 1))
    return total.movedim(0, axis)
