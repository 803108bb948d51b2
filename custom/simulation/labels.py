"""The exact ground truth of a rendered batch: masks, electrodes and centrelines on the image grid."""

from __future__ import annotations

from typing import Any

import torch

from custom.simulation.projection import LayerBatch, ProjectedPoints
from custom.simulation.scene import DeviceLabels, LabelledElectrode
from custom.simulation.splat import mark_tubes

_LEAST_RADIUS_PIXELS = 0.8
_CENTERLINE_STEP = 3


def catheter_masks(
    batch: LayerBatch, points: ProjectedPoints, labels: list[DeviceLabels], visible: torch.Tensor
) -> torch.Tensor:
    """Masks (B, 1, H, W) bool of the labelled devices where the collimator leaves them visible."""
    mask = torch.zeros(visible.shape, dtype=torch.float32, device=visible.device)
    chosen, radius = _labelled_points(batch, labels)
    selected = ProjectedPoints(*(values[chosen] for values in points))
    pixels = (radius * selected.scale).clamp(min=_LEAST_RADIUS_PIXELS)
    mark_tubes(mask, batch.frame[chosen], selected, pixels)
    return (mask > 0) & visible


def _labelled_points(batch: LayerBatch, labels: list[DeviceLabels]) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices and radii in mm of the points on labelled devices."""
    ranges = [
        (first + curve.start, first + curve.stop, curve.radius_mm)
        for first, item in zip(batch.first_point, labels, strict=True)
        for curve in item.curves
    ]
    indices = [torch.arange(start, stop) for start, stop, _ in ranges]
    radii = [torch.full((stop - start,), radius) for start, stop, radius in ranges]
    device = batch.positions.device
    empty = [torch.zeros(0)]
    return torch.cat([*indices, *empty]).long().to(device), torch.cat([*radii, *empty]).to(device)


def electrodes_of_frame(
    first_point: int, points: ProjectedPoints, labels: DeviceLabels, visible: torch.Tensor
) -> list[dict[str, Any]]:
    """Electrodes of one frame as datalist entries; those outside the frame or behind the collimator are left out.

    The box is that of the projected cylinder: along each image axis `length * |axis| + 2 * radius * sqrt(1 - axis^2)`.

    Args:
        first_point: index of the frame's first point.
        points: the batch's points, on the CPU.
        labels: the frame's devices.
        visible: (H, W) bool, on the CPU.
    """
    entries = []
    for electrode in labels.electrodes:
        centre, width, height = _projected(electrode, first_point, points)
        column, row = round(centre[0]), round(centre[1])
        if 0 <= row < visible.shape[0] and 0 <= column < visible.shape[1] and bool(visible[row, column]):
            entries.append(
                {
                    "x": round(centre[0], 3),
                    "y": round(centre[1], 3),
                    "width": round(width, 3),
                    "height": round(height, 3),
                    "kind": electrode.kind,
                    "catheter": electrode.catheter,
                    "pole": electrode.pole,
                }
            )
    return entries


def _projected(
    electrode: LabelledElectrode, first_point: int, points: ProjectedPoints
) -> tuple[tuple[float, float], float, float]:
    index = first_point + int(electrode.point)
    fraction = electrode.point - int(electrode.point)
    xy = points.xy[index] * (1 - fraction) + points.xy[index + 1] * fraction
    scale, axis = float(points.scale[index]), points.axis[index]
    along = axis[:2].abs()
    across = torch.sqrt((1 - axis[:2] ** 2).clamp(min=0))
    width, height = ((along * electrode.length_mm + 2 * across * electrode.radius_mm) * scale).tolist()
    return (float(xy[0]), float(xy[1])), width, height


def catheters_of_frame(
    first_point: int,
    points: ProjectedPoints,
    labels: DeviceLabels,
    visible: torch.Tensor,
    electrodes: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Catheters of one frame as datalist entries: those with a visible centreline or a visible electrode.

    The centreline is of the shaft, from the tip; arms of a star-shaped catheter are in the mask only.

    Args:
        first_point: index of the frame's first point.
        points: the batch's points, on the CPU.
        labels: the frame's devices.
        visible: (H, W) bool, on the CPU.
        electrodes: the frame's visible electrodes.
    """
    shafts = {curve.catheter: curve for curve in reversed(labels.curves)}
    with_electrodes = {electrode["catheter"] for electrode in electrodes}
    entries = []
    for catheter, curve in sorted(shafts.items()):
        line = _visible_line(points.xy[first_point + curve.start : first_point + curve.stop], visible)
        if line or catheter in with_electrodes:
            entries.append({"id": catheter, "type": labels.types[catheter], "centerline": line})
    return entries


def _visible_line(xy: torch.Tensor, visible: torch.Tensor) -> list[list[float]]:
    height, width = visible.shape
    column, row = xy.round().long().unbind(1)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    inside &= visible[row.clamp(0, height - 1), column.clamp(0, width - 1)]
    return [[round(x, 2), round(y, 2)] for x, y in xy[inside][::_CENTERLINE_STEP].tolist()]
