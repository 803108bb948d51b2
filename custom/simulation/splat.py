"""Path lengths through a scene, summed onto the image: every tube sample and ellipsoid touches only its own window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from custom.simulation.geometry import CameraBatch
from custom.simulation.projection import LayerBatch, ProjectedEllipsoids, ProjectedPoints

# Pixels that are worked on at once: what fits the cache of a CPU, what fills a GPU.
_CHUNK = {"cpu": 1 << 17, "cuda": 1 << 23}


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
    """Add the path through every ellipsoid, in mm; arguments as in `add_tubes` and `ProjectedEllipsoids.of`."""
    ellipsoids = ProjectedEllipsoids.of(batch, amplitudes, camera)

    def path(rows: torch.Tensor, dx: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
        uu, uv, vv = ellipsoids.form[rows, :, None, None].unbind(1)
        inside = uu * dx * dx + (2 * uv * dx + vv * dy) * dy
        return ellipsoids.depth[rows, None, None] * torch.sqrt(torch.relu(1 - inside))

    channel = batch.ellipsoid_frame * canvas.shape[1] + (batch.ellipsoids[:, 12].long() - first_material)
    _accumulate(canvas, channel, ellipsoids.xy, ellipsoids.half + 1, path)


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
