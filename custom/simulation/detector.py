"""From path lengths to the detector's signal: attenuation, scatter, blur, quantum and electronic noise."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch

from custom.simulation import noise
from custom.simulation.filters import frame_mean, gaussian_blur, wide_blur
from custom.simulation.materials import beam, transmission
from custom.simulation.sequence import Collimator, Imaging

PHOTONS_PER_MM2_PER_NGY = 30.0  # 30.2 in the beam RQA5 of IEC 62220-1
_SCATTER_WIDTH_MM = 25.0
_LEAKAGE = 0.01  # share of the beam that passes the collimator's blades
_LOGISTIC_WIDTH = 1.7  # the logistic function of 1.7 x is nearly the normal distribution's, a Gaussian edge


@dataclass(frozen=True)
class ImagingBatch:
    """The settings of a batch's frames: (B,) each, and the beam's weights (B, E) and attenuation (B, E, M) per mm."""

    settings: dict[str, torch.Tensor]
    weights: torch.Tensor
    attenuation: torch.Tensor

    @classmethod
    def of(cls, imagings: list[Imaging], device: torch.device) -> ImagingBatch:
        """Stack the settings of a batch's frames."""
        beams = [beam(imaging.kvp) for imaging in imagings]
        settings = {
            name: torch.tensor([getattr(imaging, name) for imaging in imagings], dtype=torch.float32, device=device)
            for name in (item.name for item in fields(Imaging))
        }

        def stacked(index: int) -> torch.Tensor:
            return torch.as_tensor(np.stack([item[index] for item in beams]), dtype=torch.float32).to(device)

        return cls(settings=settings, weights=stacked(0), attenuation=stacked(1))

    def __getitem__(self, name: str) -> torch.Tensor:
        return self.settings[name]


def per_frame(values: torch.Tensor) -> torch.Tensor:
    """(B,) as (B, 1, 1, 1)."""
    return values.view(-1, 1, 1, 1)


def irradiated_field(
    collimators: list[Collimator], detector_pixel_mm: torch.Tensor, rows: int, columns: int
) -> torch.Tensor:
    """Share of the beam (B, 1, rows, columns) that the collimator lets through; 0.5 at its edges."""
    device = detector_pixel_mm.device
    x = torch.arange(columns, device=device, dtype=torch.float32)[None, None]
    y = torch.arange(rows, device=device, dtype=torch.float32)[None, :, None]

    def column(values: list[float]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device)[:, None, None]

    # Without a margin the edge lies far outside.
    far = 4.0 * max(rows, columns)
    left = column([item.left * columns - 0.5 if item.left else -far for item in collimators])
    right = column([columns - 0.5 - item.right * columns if item.right else far for item in collimators])
    top = column([item.top * rows - 0.5 if item.top else -far for item in collimators])
    bottom = column([rows - 0.5 - item.bottom * rows if item.bottom else far for item in collimators])
    radius = column([0.5 * min(rows, columns) if item.round else far for item in collimators])
    from_centre = torch.sqrt((x - (columns - 1) / 2) ** 2 + (y - (rows - 1) / 2) ** 2)
    inside = torch.minimum(torch.minimum(x - left, right - x), torch.minimum(y - top, bottom - y))
    inside = torch.minimum(inside, radius - from_centre)
    width = column([item.blur_mm for item in collimators]) / detector_pixel_mm[:, None, None]
    return torch.sigmoid(_LOGISTIC_WIDTH * inside / width)[:, None]


def expected_signal(
    paths_mm: torch.Tensor, field: torch.Tensor, imaging: ImagingBatch, detector_pixel_mm: torch.Tensor
) -> torch.Tensor:
    """Mean number of photons a pixel (B, 1, H, W), after scatter and focal blur, before noise.

    The exposure control sets the mean over the irradiated field to the dose.
    """
    primary = transmission(paths_mm, imaging.weights, imaging.attenuation)
    radius = torch.linspace(-1, 1, primary.shape[-1], device=primary.device) ** 2
    radius = radius + torch.linspace(-1, 1, primary.shape[-2], device=primary.device)[:, None] ** 2
    primary = primary * (1 - per_frame(imaging["vignetting"]) * radius / 2) * (field * (1 - _LEAKAGE) + _LEAKAGE)
    spread = wide_blur(primary, _SCATTER_WIDTH_MM / detector_pixel_mm.clamp(min=_SCATTER_WIDTH_MM / 80))
    signal = primary + per_frame(imaging["scatter_to_primary"]) * spread
    photons = imaging["dose_ngy"] * PHOTONS_PER_MM2_PER_NGY * detector_pixel_mm**2
    exposure = frame_mean(signal * field) / frame_mean(field).clamp(min=1e-3)
    blur = imaging["focal_blur_mm"] / detector_pixel_mm
    return gaussian_blur(signal * (per_frame(photons) / exposure.clamp(min=1e-12)), blur)


def detected_signal(
    expected: torch.Tensor, imaging: ImagingBatch, detector_pixel_mm: torch.Tensor, keys: torch.Tensor
) -> torch.Tensor:
    """The expected photons with quantum noise, detector blur and electronic noise.

    Poisson noise by its first three moments, as a function of one normal number; what the temporal filter leaves of it.
    """
    shape = tuple(expected.shape[1:])
    z = noise.normal(keys, 0, shape)
    kept = per_frame(imaging["noise_kept"])
    quanta = expected + kept * (torch.sqrt(expected.clamp(min=0)) * z + (z * z - 1) / 6)
    native_pixel = max(shape) / imaging["native_matrix"]
    blur = torch.sqrt((imaging["detector_blur_mm"] / detector_pixel_mm) ** 2 + (0.35 * native_pixel) ** 2)
    electronic = kept * per_frame(imaging["electronic_noise_photons"]) * noise.normal(keys, 1, shape)
    return gaussian_blur(quanta, blur) + electronic
