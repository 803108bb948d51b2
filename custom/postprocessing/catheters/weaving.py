"""Rows of electrodes where the mask does not lead from one to the next: loops from the side, gaps, faint shafts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_types.table import UNKNOWN
from custom.postprocessing.catheters.rows import FitRow, FittedRow, Row
from custom.postprocessing.centerlines.centerline import Centerline
from custom.postprocessing.centerlines.junctions import ray_of
from custom.postprocessing.polyline import arc_length, resample_polyline

_NEIGHBOURS_PX = 16.0
_BEND_WEIGHT = 0.6  # how much longer a way seems that turns back
_LEFT_OUT_COST = 5.0
_GAIN = 2.0
_MOST_STARTS = 6


class _Trial(NamedTuple):
    """A woven row, the rows that it takes the place of, and how much more probable it is."""

    row: FittedRow
    replaced: list[FittedRow]
    gain: float


def weave(rows: list[FittedRow], centres: np.ndarray, fitted: FitRow) -> list[FittedRow]:
    """Join rows that are no catheter by themselves, and electrodes without a line, where together they are one.

    Args:
        rows: of the frame.
        centres: (K, 2) x and y of the frame's electrodes.
        fitted: gives a row, from its tip, its type.

    Returns:
        The rows, with one in place of those that were joined.
    """
    loose = set(range(len(centres))) - {electrode for row in rows for electrode in row.electrodes}
    if not loose and all(row.is_sound() for row in rows if row.electrodes):
        return rows
    units = [row.electrodes for row in rows if row.electrodes and row.line.star is None]
    for group in _groups([*units, *((one,) for one in sorted(loose))], centres):
        trials = list(_trials(rows, group, loose & group, centres, fitted))
        # Crowded rows gain alike from every shaft, but for rounding: the first one is taken.
        best = max(trials, key=lambda trial: round(trial.gain, 6), default=None)
        if best is not None and best.gain > _GAIN:
            woven = set(best.row.electrodes)
            others = [row for row in rows if row not in best.replaced]
            rows = [best.row, *(fitted(row.without(woven)) if woven & set(row.electrodes) else row for row in others)]
    return rows


def _trials(
    rows: list[FittedRow],
    group: set[int],
    loose: set[int],
    centres: np.ndarray,
    fitted: FitRow,
) -> Iterator[_Trial]:
    """Ways to join the doubtful rows of a group, or these and one that is sound, into one of a known type."""
    near = [row for row in rows if group & set(row.electrodes)]
    pieces = [row for row in near if not row.is_sound()]
    shafts = [row for row in rows if not row.electrodes and _ends_near(row.line, centres[sorted(group)])]
    if not pieces and not loose:
        return
    for others in [[], *([row] for row in near if row.is_sound())]:
        members = pieces + others
        if sum(any(row.line.at_border) for row in members) > 1:
            continue  # a catheter has one shaft
        electrodes = loose.union(*(row.electrodes for row in members))
        before = sum(row.cost() for row in members) + _LEFT_OUT_COST * len(loose)
        for start in _starts([*members, *shafts]):
            woven = fitted(_woven(start, electrodes, centres))
            if woven.fit.name != UNKNOWN:
                replaced = [row for row in rows if row is start or (row in members and not any(row.line.at_border))]
                yield _Trial(woven, replaced, before - woven.cost())


def _starts(rows: list[FittedRow]) -> list[FittedRow | None]:
    """The rows that a catheter may start as: those that come from the border, or else any, or none."""
    from_border = [row for row in rows if any(row.line.at_border)]
    starts: list[FittedRow | None] = [*from_border] if from_border else [*rows, None]
    return starts[:_MOST_STARTS]


def _groups(units: list[tuple[int, ...]], centres: np.ndarray) -> list[set[int]]:
    """Three electrodes or more, of units of which each is near another."""
    near = cdist(centres, centres) < _NEIGHBOURS_PX
    groups: list[set[int]] = []
    for unit in units:
        around = set(np.flatnonzero(near[list(unit)].any(axis=0)).tolist())
        first, *others = [group for group in groups if group & around] or [set()]
        groups = [group for group in groups if group not in others] + ([] if first else [first])
        first.update(unit, *others)
    return [group for group in groups if len(group) > 2]


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
    position, direction = line.points[-1], np.negative(ray.direction)
    way = []
    while remaining:
        steps = centres[remaining] - position
        distance = np.maximum(np.hypot(*steps.T), 1e-6)
        best = int((distance * (1 + _BEND_WEIGHT * (1 - steps @ direction / distance))).argmin())
        position, direction = centres[remaining[best]], steps[best] / distance[best]
        way.append(remaining.pop(best))
    return way
