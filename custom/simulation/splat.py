"""Path lengths through a scene, summed onto the image: every tube sample and ellipsoid touches only its own window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from custom.simulation.geometry import CameraBatch
from custom.simulation.scene import Layer

# Pixels that are worked on at once: what fits the cache of a CPU, what fills a GPU.
_CHUNK = {"cpu": 1 << 17, "cuda": 1 << 23}


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


def displacement(motions: torch.Tensor, amplitudes: torch.Tensor) -> torch.Tensor:
    """Displacements (N, 3) of unit motions (N, modes, 3) at amplitudes (N, modes)."""
    total = motions[:, 0] * amplitudes[:, 0:1]
    for mode in range(1, motions.shape[1]):
        total = torch.addcmul(total, motions[:, mode], amplitudes[:, mode : mode + 1])
    return total


def add_tubes(
    canvas: torch.Tensor, batch: LayerBatch, points: ProjectedPoints, weight: torch.Tensor, first_material: int = 0
) -> None:
    """Add the path through every tube, in mm, times its frame's weight (B,).

    A sample spreads along the tangent as a hat as wide as the spacing of the samples in 3D: in the image plane hats
    add up to 1, and where a tube points at the detector they overlap, which lengthens the path as foreshortening does.
    Across, it is the chord of the wall averaged over a pixel.

    Args:
        canvas: (B, M, H, W), changed in place; materials from `first_material`.
        batch: the scene.
        points: its points on this grid.
        weight: (B,) factor by frame.
        first_material: material of the canvas's first channel.
    """
    index = batch.shells[:, 0].long()
    scale, spacing = points.scale[index], points.spacing[index]
    outer = batch.shells[:, 1].float() * scale
    inner = batch.shells[:, 2].float() * scale
    frame = batch.frame[index]
    amount = batch.shells[:, 4].float() * weight[frame] / scale
    channel = frame * canvas.shape[1] + (batch.shells[:, 3].long() - first_material)
    xy, tangent = points.xy[index], points.tangent[index]

    def path(rows: torch.Tensor, dx: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
        tx, ty = tangent[rows, 0, None, None], tangent[rows, 1, None, None]
        along = torch.abs(dx * tx + dy * ty) / spacing[rows, None, None]
        across = torch.abs(dy * tx - dx * ty)
        wall = _mean_chord(across, outer[rows, None, None])
        hollow = inner[rows, None, None]
        if bool((hollow > 0).any()):
            wall = wall - _mean_chord(across, hollow)
        return wall * torch.relu(1 - along) * amount[rows, None, None]

    half = (outer + 0.5 + spacing)[:, None].expand(-1, 2)
    _accumulate(canvas, channel, xy, half, path)


def _mean_chord(across: torch.Tensor, radius: torch.Tensor) -> torch.Tensor:
    """Chord of a circle at a distance from its centre, averaged over the pixel's width; all in pixels."""
    return _chord_integral(across + 0.5, radius) - _chord_integral(across - 0.5, radius)


def _chord_integral(position: torch.Tensor, radius: torch.Tensor) -> torch.Tensor:
    ratio = (position / radius.clamp(min=1e-3)).clamp(-1, 1)
    return radius * radius * (ratio * torch.sqrt(1 - ratio * ratio) + torch.asin(ratio))


def add_ellipsoids(
    canvas: torch.Tensor, batch: LayerBatch, amplitudes: torch.Tensor, camera: CameraBatch, first_material: int = 0
) -> None:
    """Add the path through every ellipsoid, in mm; arguments as in `add_tubes` and `ProjectedPoints.of`.

    The ray is taken as parallel over one ellipsoid: its outline is an ellipse, the chord a square root.
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
    u, v = whitening[:, :, 0], whitening[:, :, 1]
    a = (along * along).sum(1)
    au, av = (along * u).sum(1), (along * v).sum(1)
    # Outline matrix S in mm, then its inverse, the outline's covariance in pixels.
    s_uu, s_uv, s_vv = (u * u).sum(1) - au * au / a, (u * v).sum(1) - au * av / a, (v * v).sum(1) - av * av / a
    determinant = s_uu * s_vv - s_uv * s_uv
    area = scale * scale / determinant
    c_uu, c_uv, c_vv = s_vv * area, -s_uv * area, s_uu * area
    before = c_uu * c_vv - c_uv * c_uv
    c_uu, c_vv = c_uu + 0.25, c_vv + 0.25  # at least half a pixel wide, at the same mass
    after = c_uu * c_vv - c_uv * c_uv
    depth = 2 / torch.sqrt(a) * torch.sqrt((before / after).clamp(max=1)) * batch.ellipsoids[:, 13]
    q_uu, q_uv, q_vv = c_vv / after, -c_uv / after, c_uu / after

    def path(rows: torch.Tensor, dx: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
        def column(values: torch.Tensor) -> torch.Tensor:
            return values[rows, None, None]

        form = column(q_uu) * dx * dx + (2 * column(q_uv) * dx + column(q_vv) * dy) * dy
        return column(depth) * torch.sqrt(torch.relu(1 - form))

    channel = frame * canvas.shape[1] + (batch.ellipsoids[:, 12].long() - first_material)
    half = torch.sqrt(torch.stack([c_uu, c_vv], dim=1)) + 1
    _accumulate(canvas, channel, xy, half, path)


def mark_tubes(mask: torch.Tensor, frame: torch.Tensor, points: ProjectedPoints, radius: torch.Tensor) -> None:
    """Set the pixels of `mask` (B, 1, H, W) within `radius` (N,) pixels of the points' centreline."""

    def inside(rows: torch.Tensor, dx: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
        tx, ty = points.tangent[rows, 0, None, None], points.tangent[rows, 1, None, None]
        near = torch.abs(dx * tx + dy * ty) <= points.spacing[rows, None, None]
        return (near & (torch.abs(dy * tx - dx * ty) <= radius[rows, None, None])).to(mask.dtype)

    half = (radius + 0.5 + points.spacing)[:, None].expand(-1, 2)
    _accumulate(mask, frame, points.xy, half, inside)


def _accumulate(
    canvas: torch.Tensor,
    channel: torch.Tensor,
    xy: torch.Tensor,
    half: torch.Tensor,
    values: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor],
) -> None:
    """Add `values(rows, dx, dy)` over windows of half sizes `half` (N, 2; x, y) around `xy`, clipped to the image."""
    height, width = canvas.shape[-2:]
    flat = canvas.view(-1)
    for rows, window_height, window_width in _windows(xy, half, height, width):
        top = (xy[rows, 1] - window_height / 2 + 0.5).round().long().clamp(0, height - window_height)
        left = (xy[rows, 0] - window_width / 2 + 0.5).round().long().clamp(0, width - window_width)
        y = top[:, None, None] + torch.arange(window_height, device=xy.device)[None, :, None]
        x = left[:, None, None] + torch.arange(window_width, device=xy.device)[None, None, :]
        index = (channel[rows, None, None] * height + y) * width + x
        dx, dy = x - xy[rows, 0, None, None], y - xy[rows, 1, None, None]
        flat.index_add_(0, index.reshape(-1), values(rows, dx, dy).reshape(-1))


def _windows(xy: torch.Tensor, half: torch.Tensor, height: int, width: int) -> Iterator[tuple[torch.Tensor, int, int]]:
    """Rows that touch the image, in groups of one window size, in chunks that fit the memory."""
    limits = torch.tensor([width, height], device=xy.device)
    touching = ((xy + half > -0.5) & (xy - half < limits - 0.5)).all(1)
    sides = torch.minimum(_rounded_up(2 * half + 1), limits)
    keys = torch.where(touching, sides[:, 1].long() * 65536 + sides[:, 0].long(), 0)
    for key in torch.unique(keys).tolist():
        if key == 0:
            continue
        window_height, window_width = divmod(key, 65536)
        members = torch.nonzero(keys == key)[:, 0]
        size = max(1, _CHUNK[xy.device.type] // (window_height * window_width))
        for chunk in members.split(size):
            yield chunk, window_height, window_width


def _rounded_up(sides: torch.Tensor) -> torch.Tensor:
    """Sides rounded up to few different sizes: 2, 3, 4, 6, 8, 12, 16 ... pixels."""
    power = torch.exp2(torch.floor(torch.log2(sides.clamp(min=2))))
    return torch.where(sides <= power, power, torch.where(sides <= 1.5 * power, torch.ceil(1.5 * power), 2 * power))
