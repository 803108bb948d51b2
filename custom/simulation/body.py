"""Path lengths through the simulated patient, with the texture of tissue and bone."""

from __future__ import annotations

import torch
from torch.nn import functional

from custom.simulation import noise
from custom.simulation.detector import ImagingBatch
from custom.simulation.geometry import CameraBatch
from custom.simulation.materials import BONE, FILLER, SOFT_TISSUE
from custom.simulation.projection import LayerBatch, ProjectedPoints
from custom.simulation.sequence import SequencePlan, random_key
from custom.simulation.splat import add_ellipsoids, add_tubes

_TEXTURE_LATTICES = (5, 9, 17, 33, 65, 129)


def anatomy_paths(
    plans: list[SequencePlan], camera: CameraBatch, imaging: ImagingBatch, amplitudes: torch.Tensor
) -> torch.Tensor:
    """Path lengths (B, 3, h, w) in mm through soft tissue, bone and contrast agent, with their texture."""
    device = camera.sid_mm.device
    layer = LayerBatch.of([plan.body for plan in plans], device)
    paths = torch.zeros(len(plans), FILLER, camera.rows, camera.columns, device=device)
    add_ellipsoids(paths, layer, amplitudes, camera)
    add_tubes(paths, layer, ProjectedPoints.of(layer, amplitudes, camera), torch.ones(len(plans), device=device))
    keys = torch.tensor([random_key(plan.seed, plan.sequence, 1 << 40) for plan in plans], device=device)
    shift = amplitudes[:, 0] * torch.tensor([plan.motion.breathing_mm for plan in plans], device=device)
    shift = shift * camera.sid_mm / camera.sod_mm / camera.detector_pixel_mm / camera.rows
    smooth, fine = _textures(keys, 0.5 * shift, camera.rows, camera.columns)
    paths[:, SOFT_TISSUE] *= 1 + imaging["tissue_texture"].view(-1, 1, 1) * smooth[:, 0]
    paths[:, BONE] *= (1 + imaging["bone_texture"].view(-1, 1, 1) * fine[:, 0]).clamp(min=0)
    return paths


def _textures(keys: torch.Tensor, shift: torch.Tensor, rows: int, columns: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Fractal noise of unit variance or less, (B, 1, rows, columns): of all scales, and of the finest two."""
    y = torch.linspace(-0.9, 0.9, rows, device=keys.device)[None, :, None] - shift[:, None, None]
    x = torch.linspace(-0.9, 0.9, columns, device=keys.device)[None, None, :]
    grid = torch.stack(torch.broadcast_tensors(x, y), dim=-1)
    octaves = [
        functional.grid_sample(
            noise.normal(keys, 8 + number, (1, size, size)), grid, mode="bicubic", padding_mode="reflection",
            align_corners=False,
        )
        for number, size in enumerate(_TEXTURE_LATTICES)
    ]  # fmt: skip
    smooth = octaves[0] * 0.7
    for number, octave in enumerate(octaves[1:], start=1):
        smooth = smooth + octave * 0.7 * 0.55**number
    return smooth, octaves[-1] + 0.7 * octaves[-2]
