"""A CT volume as the patient: line integrals at the geometry of each frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import torch
from nibabel.filebasedimages import ImageFileError
from nibabel.orientations import OrientationError
from torch.nn import functional

from custom.errors import InputError
from custom.simulation.geometry import CameraBatch

_STEP_MM = 2.5
_AIR_HU = -500
_BONE_HU = 200.0
_CORTICAL_BONE_HU = 1700.0


@dataclass(frozen=True)
class CtVolume:
    """Relative densities of soft tissue and bone, (2, z, y, x), with the volume's middle at the isocentre.

    Axes run to the patient's left, back and head. `half_extent_mm` is half the volume's size along x, y, z.
    """

    densities: torch.Tensor
    half_extent_mm: torch.Tensor

    def paths(self, camera: CameraBatch) -> torch.Tensor:
        """Path lengths (B, 3, rows, columns) in mm through soft tissue, bone and contrast agent; the last is zero.

        Args:
            camera: the views; anything outside the volume is air.
        """
        device = camera.sid_mm.device
        volume = self.densities[None].to(device)
        frames = [self._frame_paths(volume, camera, number) for number in range(len(camera.sid_mm))]
        return functional.pad(torch.stack(frames), (0, 0, 0, 0, 0, 1))

    def _frame_paths(self, volume: torch.Tensor, camera: CameraBatch, frame: int) -> torch.Tensor:
        device = volume.device
        pixel, sid, sod = camera.detector_pixel_mm[frame], camera.sid_mm[frame], camera.sod_mm[frame]
        u = (torch.arange(camera.columns, device=device) - (camera.columns - 1) / 2) * pixel
        v = (torch.arange(camera.rows, device=device) - (camera.rows - 1) / 2) * pixel
        ray = torch.stack([*torch.meshgrid(v, u, indexing="ij"), sid.expand(camera.rows, camera.columns)], dim=-1)
        ray = ray[..., [1, 0, 2]] / sid
        reach = float(torch.linalg.vector_norm(self.half_extent_mm))
        depths = torch.arange(-reach, reach, _STEP_MM, device=device)
        source = torch.tensor([0.0, 0.0, 1.0], device=device) * sod
        total = torch.zeros(2, camera.rows, camera.columns, device=device)
        extent = self.half_extent_mm.to(device)
        for depth in depths:
            world = (ray * (sod + depth) - source) @ camera.rotation[frame]
            grid = (world / extent)[None, None]
            total += functional.grid_sample(volume, grid, align_corners=False)[0, :, 0]
        return total * _STEP_MM * torch.linalg.vector_norm(ray, dim=-1)


def load_ct(path: str | Path) -> CtVolume:
    """Read a NIfTI volume in Hounsfield units.

    Args:
        path: `.nii` or `.nii.gz`.

    Raises:
        InputError: it cannot be read, is not 3D, or holds no air: then it is not in HU.
    """
    try:
        image = nibabel.as_closest_canonical(nibabel.load(path))
        values = np.asarray(image.dataobj, dtype=np.float32)
    except (OSError, ImageFileError, OrientationError, ValueError) as error:
        raise InputError("cannot be read as NIfTI", source=path, found=str(error)) from error
    if values.ndim != 3 or min(values.shape) < 2:
        raise InputError("is not a 3D volume", source=path, found=values.shape, expected="three axes")
    lowest, highest = float(values.min()), float(values.max())
    if not np.isfinite([lowest, highest]).all() or lowest > _AIR_HU or highest < 0:
        raise InputError(
            "is not in Hounsfield units",
            source=path,
            found=f"values from {lowest:g} to {highest:g}",
            expected=f"air below {_AIR_HU} HU and tissue above 0 HU",
        )
    spacing = np.array(image.header.get_zooms()[:3], dtype=np.float32)
    half_extent = torch.from_numpy(spacing * np.array(values.shape, dtype=np.float32) / 2)
    left_back_head = torch.from_numpy(np.ascontiguousarray(values[::-1, ::-1].transpose(2, 1, 0)))
    return CtVolume(_densities(left_back_head), half_extent)


def _densities(hounsfield: torch.Tensor) -> torch.Tensor:
    bone = ((hounsfield - _BONE_HU) / (_CORTICAL_BONE_HU - _BONE_HU)).clamp(0, 1.5)
    soft = (1 + hounsfield / 1000).clamp(0, 1 + _BONE_HU / 1000)
    return torch.stack([soft, bone])
