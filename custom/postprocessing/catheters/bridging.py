"""Loops that leave the field of view and come back: their two parts are one catheter."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from custom.postprocessing.catheters.rows import FitRow, FittedRow, Row
from custom.postprocessing.polyline import polyline_length, resample_polyline

_FARTHEST_PX = 70.0  # between the places where a loop leaves and comes back
_NEAR_BORDER_PX = 24.0  # the electrodes nearest to them
_LEAST_ELECTRODES = 4
_WIDTH_ERROR = 0.12  # relative
_GAIN = 2.0


class _Joint(NamedTuple):
    """A row across the border, the two rows that it is made of, and how much more probable it is."""

    row: FittedRow
    parts: tuple[FittedRow, FittedRow]
    gain: float


def bridge(rows: list[FittedRow], fitted: FitRow) -> list[FittedRow]:
    """Join two rows that end at the border near each other where together they are a catheter more probably.

    Args:
        rows: of the frame.
        fitted: gives a row, from its tip, its type.
    """
    pairs = [pair for pair in combinations(rows, 2) if sum(len(row.electrodes) for row in pair) >= _LEAST_ELECTRODES]
    joints = [_joint(pair, fitted(row)) for pair in pairs for row in _joined(*pair)]
    best = max(joints, key=lambda joint: joint.gain, default=None)
    if best is None or best.gain < _GAIN:
        return rows
    return bridge([best.row, *(row for row in rows if row not in best.parts)], fitted)


def _joint(parts: tuple[FittedRow, FittedRow], row: FittedRow) -> _Joint:
    return _Joint(row, parts, parts[0].cost() + parts[1].cost() - row.cost() - _width_cost(*parts))


def _width_cost(first: FittedRow, second: FittedRow) -> float:
    """How implausible it is that one device is as wide as two lines are, as negative log likelihood."""
    return 0.5 * (math.log(first.line.width / second.line.width) / _WIDTH_ERROR) ** 2


def _joined(first: FittedRow, second: FittedRow) -> Iterator[Row]:
    """Every way in which one row may go on as the other beyond the border."""
    for before in _towards_border(first):
        for after in _towards_border(second):
            bridge = np.stack([before.line.points[-1], after.line.points[-1]])
            if polyline_length(bridge) < _FARTHEST_PX:
                yield _across(before, bridge, after.reversed())


def _towards_border(row: Row) -> Iterator[Row]:
    """A row so that it ends at the border, with electrodes near there."""
    if row.line.star is None and row.line.width > 0 and row.electrodes and not row.bridged:
        for one in (row, row.reversed()):
            if one.line.at_border[1] and one.line.length - one.along[-1] < _NEAR_BORDER_PX:
                yield one


def _across(before: Row, bridge: np.ndarray, after: Row) -> Row:
    points = [before.line.points, resample_polyline(bridge, 1.0)[1:-1], after.line.points]
    line = replace(
        before.line, points=np.concatenate(points), at_border=(before.line.at_border[0], after.line.at_border[1])
    )
    along = np.concatenate([before.along, before.line.length + polyline_length(bridge) + after.along])
    return Row(line, (*before.electrodes, *after.electrodes), along, woven=True, bridged=True)
