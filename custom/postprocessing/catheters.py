"""From a mask and electrodes to catheters (paper, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from custom.postprocessing.catheter_type_fit import ElectrodeRow, fit_type
from custom.postprocessing.catheter_types import UNKNOWN, load_catheter_types
from custom.postprocessing.centerline import Centerline, find_centerlines
from custom.postprocessing.centerline_smoothing import arc_length
from custom.postprocessing.result import Catheter, Electrode

_LEAST_LENGTH_PX = 8


@dataclass(frozen=True)
class _Device:
    """A line with its electrodes, in order along it, and where on it they are."""

    line: Centerline
    electrodes: np.ndarray  # indices
    along: np.ndarray


def find_catheters(
    mask: np.ndarray,
    electrodes: np.ndarray,
    *,
    pixel_spacing_mm: Sequence[float] | None = None,
    types: str | Path | None = None,
) -> tuple[tuple[Electrode, ...], tuple[Catheter, ...]]:
    """Find the catheters of a frame and the order of their electrodes.

    Args:
        mask: (rows, columns), true on catheters and wires.
        electrodes: (K, 5) x, y, width, height in pixels and score.
        pixel_spacing_mm: row and column; `None` or not finite where unknown.
        types: a table of types in place of `catheter_types.yaml`.

    Returns:
        The electrodes in the order given, with catheter and pole, and the catheters by id, the longest first.

    Raises:
        InputError: the table of types is not as it should be.
    """
    table = load_catheter_types(types)
    boxes = np.asarray(electrodes, dtype=float).reshape(-1, 5)
    spacing = _known(pixel_spacing_mm)
    devices = _devices(find_centerlines(np.asarray(mask) > 0), boxes)
    catheters: list[Catheter] = []
    for device in devices:
        oriented, tip_known = _from_tip(device)
        row = _row(oriented, boxes, spacing)
        name, confidence = fit_type(row, table) if len(oriented.electrodes) > 1 else (UNKNOWN, 0.0)
        points = oriented.line.points
        catheters.append(
            Catheter(
                id=len(catheters), type=name, type_confidence=confidence, centerline=points, tip_known=tip_known,
                electrodes=tuple(int(index) for index in oriented.electrodes),
                length_px=float(arc_length(points)[-1]),
                length_mm=None if spacing is None else float(arc_length(points * spacing[::-1])[-1]),
                confidence=float(boxes[oriented.electrodes, 4].mean()) if len(oriented.electrodes) else 1.0,
            )
        )  # fmt: skip
    return _electrodes(boxes, catheters), tuple(catheters)


def _known(pixel_spacing_mm: Sequence[float] | None) -> np.ndarray | None:
    if pixel_spacing_mm is None:
        return None
    spacing = np.asarray(pixel_spacing_mm, dtype=float)
    return spacing if np.isfinite(spacing).all() else None


def _devices(lines: list[Centerline], boxes: np.ndarray) -> list[_Device]:
    if not lines:
        return []
    distance = np.full((len(lines), len(boxes)), np.inf)
    place = np.zeros((len(lines), len(boxes)))
    for number, line in enumerate(lines):
        gaps = np.hypot(*(boxes[:, None, :2] - line.points).transpose(2, 0, 1))
        nearest = gaps.argmin(axis=1)
        distance[number] = gaps[np.arange(len(boxes)), nearest]
        place[number] = arc_length(line.points)[nearest]
    owner = distance.argmin(axis=0)
    on_line = distance.min(axis=0) < [
        max(lines[o].width / 2, b.max() / 2) + 1.5 for o, b in zip(owner, boxes[:, 2:4], strict=True)
    ]
    devices = []
    for number, line in enumerate(lines):
        own = np.flatnonzero((owner == number) & on_line)
        own = own[np.argsort(place[number, own], kind="stable")]
        if len(own) or len(line.points) >= _LEAST_LENGTH_PX:
            devices.append(_Device(line, own, place[number, own]))
    return sorted(devices, key=lambda device: -len(device.line.points))


def _from_tip(device: _Device) -> tuple[_Device, bool]:
    """The device with its tip first, and whether its first point is the tip."""
    length = arc_length(device.line.points)[-1]
    border = device.line.at_border
    if len(device.along):
        before, after = device.along[0], length - device.along[-1]
        backwards = after < before
    else:
        backwards = border[0] and not border[1]
    known = not border[1 if backwards else 0] and (len(device.along) > 0 or border[0] != border[1])
    if not backwards:
        return device, known
    line = replace(device.line, points=device.line.points[::-1], at_border=border[::-1])
    return _Device(line, device.electrodes[::-1], length - device.along[::-1]), known


def _row(device: _Device, boxes: np.ndarray, spacing: np.ndarray | None) -> ElectrodeRow:
    points = device.line.points
    at = np.searchsorted(arc_length(points), device.along).clip(0, len(points) - 1)
    tangents = np.gradient(points, axis=0) if len(points) > 1 else np.ones((1, 2))
    tangents = tangents / np.maximum(np.hypot(*tangents.T), 1e-9)[:, None]
    heading = np.unwrap(np.arctan2(tangents[:, 1], tangents[:, 0]))
    turn = abs(heading[at[-1]] - heading[at[0]]) if len(at) else 0.0
    return ElectrodeRow(
        along=device.along - device.along[0] if len(at) else device.along,
        boxes=boxes[device.electrodes, 2:4],
        tangents=tangents[at],
        turn=float(turn),
        pixel_mm=float(spacing.mean()) if spacing is not None else np.nan,
        cut=device.line.at_border[0],
    )


def _electrodes(boxes: np.ndarray, catheters: list[Catheter]) -> tuple[Electrode, ...]:
    places = {index: (catheter.id, pole) for catheter in catheters for pole, index in enumerate(catheter.electrodes)}
    return tuple(
        Electrode(x, y, width, height, score, *places.get(index, (None, None)))
        for index, (x, y, width, height, score) in enumerate(boxes.tolist())
    )
