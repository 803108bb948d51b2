"""Cone-beam geometry of a C-arm.

World: patient coordinates in mm around the isocentre; x to the patient's left, y to the back, z to the head.
Camera: u to the right of the image, v down, w from the source to the detector. At 0 degrees u = x, v = -z, w = -y:
the tube is under the table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from custom.simulation import rotations

_NEAREST_MM = 50.0  # to the source; points behind it would be mirrored into view


def view_rotation(primary_deg: float, secondary_deg: float) -> np.ndarray:
    """World-to-camera rotation (3, 3); primary angle positive to LAO, secondary positive to cranial, in degrees."""
    primary, secondary = np.deg2rad([primary_deg, secondary_deg])
    frontal = np.array([[1.0, 0, 0], [0, 0, -1], [0, -1, 0]])
    return rotations.about_x(-secondary) @ rotations.about_y(primary) @ frontal


@dataclass(frozen=True)
class View:
    """Where the C-arm stands during a sequence: distances and detector pixel in mm, angles in degrees."""

    sid_mm: float
    sod_mm: float
    primary_deg: float
    secondary_deg: float
    detector_pixel_mm: float
    rows: int
    columns: int

    @property
    def magnification(self) -> float:
        """Magnification of the isocentre on the detector."""
        return self.sid_mm / self.sod_mm

    @property
    def isocentre_pixel_mm(self) -> float:
        """Size of a pixel at the isocentre, in mm."""
        return self.detector_pixel_mm / self.magnification

    @property
    def field_mm(self) -> float:
        """Longer side of the field of view at the isocentre, in mm."""
        return self.isocentre_pixel_mm * max(self.rows, self.columns)


@dataclass(frozen=True)
class CameraBatch:
    """The views of a batch as tensors: (B, 3, 3) rotation, (B,) distances in mm and pixel in mm."""

    rotation: torch.Tensor
    sid_mm: torch.Tensor
    sod_mm: torch.Tensor
    detector_pixel_mm: torch.Tensor
    rows: int
    columns: int

    @classmethod
    def of(cls, views: list[View], device: torch.device) -> CameraBatch:
        """Stack views of one image size."""

        def column(name: str) -> torch.Tensor:
            return torch.tensor([getattr(view, name) for view in views], dtype=torch.float32, device=device)

        to_camera = np.stack([view_rotation(view.primary_deg, view.secondary_deg) for view in views])
        return cls(
            rotation=torch.as_tensor(to_camera, dtype=torch.float32).to(device),
            sid_mm=column("sid_mm"),
            sod_mm=column("sod_mm"),
            detector_pixel_mm=column("detector_pixel_mm"),
            rows=views[0].rows,
            columns=views[0].columns,
        )

    def coarser(self, factor: int) -> CameraBatch:
        """The same views on a grid whose pixels are `factor` times larger."""
        return replace(
            self,
            detector_pixel_mm=self.detector_pixel_mm * factor,
            rows=self.rows // factor,
            columns=self.columns // factor,
        )

    def rotate(self, vectors: torch.Tensor, frame: torch.Tensor) -> torch.Tensor:
        """World vectors (N, 3) of frames (N,) in camera axes (N, 3)."""
        rotation = self.rotation[frame]
        x, y, z = vectors[:, 0:1], vectors[:, 1:2], vectors[:, 2:3]
        return rotation[:, :, 0] * x + rotation[:, :, 1] * y + rotation[:, :, 2] * z

    def project(self, camera: torch.Tensor, frame: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Camera points (N, 3) on the detector.

        Returns:
            x, y in pixels, a pixel's centre at its integer coordinate, (N, 2); pixels per mm at each point (N,).
        """
        depth = (self.sod_mm[frame] + camera[:, 2]).clamp(min=_NEAREST_MM)
        scale = self.sid_mm[frame] / (depth * self.detector_pixel_mm[frame])
        centre = torch.tensor([(self.columns - 1) / 2, (self.rows - 1) / 2], device=camera.device)
        return camera[:, :2] * scale[:, None] + centre, scale
