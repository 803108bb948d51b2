"""Rows of electrodes where the mask does not lead from one to the next: loops from the side, gaps, faint shafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_rows import FittedRow, Row
from custom.postprocessing.catheter_types import UNKNOWN
from custom.postprocessing.centerline import Centerline
from custom.postprocessing.centerline_junctions import ray_of
from custom.postprocessing.polyline import arc_length, resample_polyline

_NEIGHBOURS_PX = 16.0
_BEND_WEIGHT = 0.6  # how much longer a way seems that turns back
_LEFT_OUT_COST = 5.0
_GAIN = 2.0
_MOST_SHAFTS = 6


def weave(rows: list[FittedRow], centres: np.ndarray, fitted: Callable[[Row], FittedRow]) -> list[FittedRow]:
    """Join rows that are no catheter by themselves, and electrodes without a line, where together they are one.

    Args:
        rows: of the frame.
        centres: (K, 2) x and y of the frame's electrodes.
        fitted: gives a row its type.

    Returns:
        The rows, with one in place of those that were joined.
    """
    loose = set(range(len(centres))) - {electrode for row in rows for electrode in row.electrodes}
    units = [*(row.electrodes for row in rows if row.line.star is None), *((one,) for one in sorted(loose))]
    for group in _groups(units, centres):
        rows = _woven_group(rows, group, loose & group, centres, fitted)
    return rows


def _woven_group(
    rows: list[FittedRow], group: set[int], loose: set[int], centres: np.ndarray, fitted: Callable[[Row], FittedRow]
) -> list[FittedRow]:
    near = [row for row in rows if group & set(row.electrodes)]
    pieces = [row for row in near if not row.is_sound()]
    sound = [row for row in near if row.is_sound()]
    if not pieces and not loose:
        return rows
    shafts = [row for row in rows if not row.electrodes and _ends_near(row.line, centres[sorted(group)])]
    best: tuple[float, FittedRow, list[FittedRow | None]] | None = None
    for others in [[], *([row] for row in sound)]:
        members = pieces + others
        if sum(any(row.line.at_border) for row in members) > 1:
            continue  # a catheter has one shaft
        electrodes = loose.union(*(row.electrodes for row in members))
        before = sum(row.cost() for row in members) + _LEFT_OUT_COST * len(loose)
        for shaft in _beginnings([*members, *shafts]):
            trial = fitted(_woven(shaft, electrodes, centres))
            gain = before - trial.cost()
            if trial.fit.name != UNKNOWN and gain > max(_GAIN, best[0] if best else 0.0):
                best = gain, trial, [row for row in members if row is shaft or not any(row.line.at_border)] + [shaft]
    if best is None:
        return rows
    _, woven, replaced = best
    emptied = set(woven.electrodes)
    return [woven, *(_without(row, emptied, fitted) for row in rows if row not in replaced)]


def _beginnings(rows: list[FittedRow]) -> list[FittedRow | None]:
    """The rows that a catheter may begin as: those that come from the border, or else any, or none."""
    from_border = [row for row in rows if any(row.line.at_border)]
    return list(from_border or [*rows, None])[:_MOST_SHAFTS]


def _without(row: FittedRow, electrodes: set[int], fitted: Callable[[Row], FittedRow]) -> FittedRow:
    if not electrodes & set(row.electrodes):
        return row
    kept = [index for index, electrode in enumerate(row.electrodes) if electrode not in electrodes]
    return fitted(Row(row.line, tuple(row.electrodes[index] for index in kept), row.along[kept]))


def _groups(units: list[tuple[int, ...]], centres: np.ndarray) -> Iterator[set[int]]:
    """Three electrodes or more, of units of which each is near another."""
    units = [unit for unit in units if unit]
    if not units:
        return
    owner = np.repeat(np.arange(len(units)), [len(unit) for unit in units])
    points = centres[[electrode for unit in units for electrode in unit]]
    first, second = np.nonzero(cdist(points, points) < _NEIGHBOURS_PX)
    links = np.zeros((len(units), len(units)), dtype=bool)
    links[owner[first], owner[second]] = True
    count, label = connected_components(links, directed=False)
    for number in range(count):
        group = {electrode for unit, own in zip(units, label, strict=True) if own == number for electrode in unit}
        if len(group) > 2:
            yield group


def _ends_near(line: Centerline, points: np.ndarray) -> bool:
    return bool((cdist(points, line.points[[0, -1]]) < _NEIGHBOURS_PX).any())


def _woven(shaft: FittedRow | None, group: set[int], centres: np.ndarray) -> Row:
    """A row through all electrodes of a group: those of the shaft as they are, then from one to the next."""
    if shaft is None:
        middle = centres[sorted(group)].mean(axis=0)
        first = max(sorted(group), key=lambda one: float(np.hypot(*(centres[one] - middle))))
        start = Row(Centerline(centres[[first]], 0.0, (False, False)), (first,), np.zeros(1))
    else:
        start = shaft
        others = centres[sorted(group - set(shaft.electrodes))]
        if len(others) and _nearest_end(shaft.line, others) == 0:
            start = shaft.reversed()
    through = _way(start.line, sorted(group - set(start.electrodes)), centres)
    added = np.concatenate([start.line.points[-1:], centres[through]])
    line = replace(
        start.line,
        points=np.concatenate([start.line.points, resample_polyline(added, 1.0)[1:]]),
        at_border=(start.line.at_border[0], False),
    )
    along = np.concatenate([start.along, start.line.length + arc_length(added)[1:]])
    return Row(line, (*start.electrodes, *through), along, woven=True)


def _nearest_end(line: Centerline, points: np.ndarray) -> int:
    first, last = cdist(line.points[[0, -1]], points).min(axis=1)
    return 0 if first < last else 1


def _way(line: Centerline, remaining: list[int], centres: np.ndarray) -> list[int]:
    """Electrodes from a line's last point on, the next one always near and ahead."""
    ray = ray_of(line.points[::-1], 0)
    position, direction = line.points[-1], -ray.direction
    way = []
    while remaining:
        steps = centres[remaining] - position
        distance = np.maximum(np.hypot(*steps.T), 1e-6)
        best = int((distance * (1 + _BEND_WEIGHT * (1 - steps @ direction / distance))).argmin())
        position, direction = centres[remaining[best]], steps[best] / distance[best]
        way.append(remaining.pop(best))
    return way
