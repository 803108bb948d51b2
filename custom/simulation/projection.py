"""The layers of a batch's frames as tensors, and where their tubes and ellipsoids are on the detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from custom.simulation.geometry import CameraBatch
from custom.simulation.scene import Layer


@dataclass(frozen=True)
class LayerBatch:
    """The layers of a batch's frames, one after the other, as tensors.

    Attributes:
        positions: (N, 3) of all points.
        motions: (N, modes, 3) their displacements at amplitude 1.
        previous: (N,) index of the point before each on its curve, itself at the end; `following` likewise.
        frame: (N,) whose each point is.
        shells: (K, 5) point, outer and inner radius in mm, material and amount.
        ellipsoids: (E, 14) centre, whitening matrix, material and amount.
        ellipsoid_motions: (E, modes, 3).
        ellipsoid_frame: (E,) whose each is.
        first_point: of each frame.
    """

    positions: torch.Tensor
    motions: torch.Tensor
    previous: torch.Tensor
    following: torch.Tensor
    frame: torch.Tensor
    shells: torch.Tensor
    ellipsoids: torch.Tensor
    ellipsoid_motions: torch.Tensor
    ellipsoid_frame: torch.Tensor
    first_point: tuple[int, ...]

    @classmethod
    def of(cls, layers: list[Layer], device: torch.device) -> LayerBatch:
        """Put the layers of frames 0, 1, ... together."""
        packed = [layer.packed() for layer in layers]
        counts = [len(item["positions"]) for item in packed]
        first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        for offset, item in zip(first, packed, strict=True):
            item["shells"] = item["shells"] + np.array([offset, 0, 0, 0, 0])
            item["previous"] = item["previous"] + offset
            item["following"] = item["following"] + offset

        def tensor(name: str, dtype: torch.dtype = torch.float32) -> torch.Tensor:
            return torch.from_numpy(np.concatenate([item[name] for item in packed])).to(dtype).to(device)

        def frames(name: str) -> torch.Tensor:
            lengths = torch.tensor([len(item[name]) for item in packed])
            return torch.repeat_interleave(torch.arange(len(packed)), lengths).to(device)

        return cls(
            positions=tensor("positions"),
            motions=tensor("motions"),
            previous=tensor("previous", torch.int64),
            following=tensor("following", torch.int64),
            frame=frames("positions"),
            shells=tensor("shells", torch.float64),
            ellipsoids=tensor("ellipsoids"),
            ellipsoid_motions=tensor("ellipsoid_motions"),
            ellipsoid_frame=frames("ellipsoids"),
            first_point=tuple(int(offset) for offset in first),
        )


class ProjectedPoints(NamedTuple):
    """Tube samples on the detector.

    Attributes:
        xy: (N, 2) pixels.
        tangent: (N, 2) unit direction of the curve on the image.
        scale: (N,) pixels per mm.
        spacing: (N,) of the samples, in pixels at this scale, not foreshortened.
        axis: (N, 3) unit direction of the curve in camera axes.
    """

    xy: torch.Tensor
    tangent: torch.Tensor
    scale: torch.Tensor
    spacing: torch.Tensor
    axis: torch.Tensor

    @classmethod
    def of(cls, batch: LayerBatch, amplitudes: torch.Tensor, camera: CameraBatch) -> ProjectedPoints:
        """Move the points by the motion modes' amplitudes (B, 3) of their frames and project them."""
        moved = batch.positions + displacement(batch.motions, amplitudes[batch.frame])
        world = camera.rotate(moved, batch.frame)
        xy, scale = camera.project(world, batch.frame)
        chord = world[batch.following] - world[batch.previous]
        length = torch.sqrt((chord * chord).sum(1)).clamp(min=1e-6)
        steps = 2.0 - ((batch.following == batch.previous + 1).float())
        flat = xy[batch.following] - xy[batch.previous]
        tangent = flat / torch.sqrt((flat * flat).sum(1, keepdim=True)).clamp(min=1e-6)
        return cls(xy=xy, tangent=tangent, scale=scale, spacing=length / steps * scale, axis=chord / length[:, None])


class ProjectedEllipsoids(NamedTuple):
    """Ellipsoids on the detector: their outlines are ellipses, at least half a pixel wide.

    Attributes:
        xy: (E, 2) centres in pixels.
        half: (E, 2) half sides of the ellipses' bounding boxes, in pixels.
        form: (E, 3) uu, uv, vv of the quadratic form that is 1 on the outline, for offsets from the centre in pixels.
        depth: (E,) path through the centre in mm, times the amount.
    """

    xy: torch.Tensor
    half: torch.Tensor
    form: torch.Tensor
    depth: torch.Tensor

    @classmethod
    def of(cls, batch: LayerBatch, amplitudes: torch.Tensor, camera: CameraBatch) -> ProjectedEllipsoids:
        """Move the ellipsoids by the motion modes' amplitudes (B, 3) of their frames and project them.

        The rays through one ellipsoid are taken as parallel to that through its centre.
        """
        frame = batch.ellipsoid_frame
        centre = batch.ellipsoids[:, :3] + displacement(batch.ellipsoid_motions, amplitudes[frame])
        camera_centre = camera.rotate(centre, frame)
        xy, scale = camera.project(camera_centre, frame)
        to_source = torch.zeros_like(camera_centre)
        to_source[:, 2] = camera.sod_mm[frame]
        ray = camera_centre + to_source
        ray = ray / torch.sqrt((ray * ray).sum(1, keepdim=True))
        # Rows of the whitening matrix in camera axes: (E, 3, 3) times the rotation's transpose.
        whitening = batch.ellipsoids[:, 3:12].view(-1, 3, 3)
        whitening = torch.stack([camera.rotate(whitening[:, row], frame) for row in range(3)], dim=1)
        along = (whitening * ray[:, None]).sum(2)
        a = (along * along).sum(1)
        c_uu, c_uv, c_vv = _outline_covariance(whitening, along, a, scale)
        before = c_uu * c_vv - c_uv * c_uv
        c_uu, c_vv = c_uu + 0.25, c_vv + 0.25  # at least half a pixel wide, at the same mass
        after = c_uu * c_vv - c_uv * c_uv
        depth = 2 / torch.sqrt(a) * torch.sqrt((before / after).clamp(max=1)) * batch.ellipsoids[:, 13]
        form = torch.stack([c_vv / after, -c_uv / after, c_uu / after], dim=1)
        return cls(xy=xy, half=torch.sqrt(torch.stack([c_uu, c_vv], dim=1)), form=form, depth=depth)


def _outline_covariance(
    whitening: torch.Tensor, along: torch.Tensor, a: torch.Tensor, scale: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """uu, uv and vv (E,) of the inverse of the outlines' form, in square pixels.

    Args:
        whitening: (E, 3, 3) maps offsets in camera axes, in mm, into the unit ball.
        along: (E, 3) the ray's unit vector there.
        a: (E,) its square length.
        scale: (E,) pixels per mm.
    """
    u, v = whitening[:, :, 0], whitening[:, :, 1]
    au, av = (along * u).sum(1), (along * v).sum(1)
    s_uu, s_uv, s_vv = (u * u).sum(1) - au * au / a, (u * v).sum(1) - au * av / a, (v * v).sum(1) - av * av / a
    area = scale * scale / (s_uu * s_vv - s_uv * s_uv)
    return s_vv * area, -s_uv * area, s_uu * area


def displacement(motions: torch.Tensor, amplitudes: torch.Tensor) -> torch.Tensor:
    """Displacements (N, 3) of unit motions (N, modes, 3) at amplitudes (N, modes)."""
    total = motions[:, 0] * amplitudes[:, 0:1]
    for mode in range(1, motions.shape[1]):
        total = torch.addcmul(total, motions[:, mode], amplitudes[:, mode : mode + 1])
    return total
