"""Which type of catheter a row of electrodes belongs to (paper, section 4: the pattern of spacings)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from custom.postprocessing.catheter_patterns import (
    MISSED_BEYOND_CUT_COST,
    MISSED_COST,
    MOST_MISSED,
    Patterns,
    patterns_of,
)
from custom.postprocessing.catheter_row_features import ElectrodeRow
from custom.postprocessing.catheter_types import UNKNOWN, CatheterTypes

_POSITION_ERROR_PX = 0.6
_SIZE_ERROR = 0.15  # of a box, relative: that of detection and that between makers
_UNKNOWN_COST = (5.0, 1.5)  # of a row, and for each electrode
_LONE_COST = 4.0  # of one electrode where no catheter has only one
_ROW_COST = 2.5  # of another catheter with electrodes
_MAGNIFICATION = (0.95, 1.75)  # of the pixel spacing's plane over the catheter's: isocentre or detector
_CROWD_COST = 8.0
_ROUND, _ROUND_ERROR = 0.13, 0.04  # scatter of loops, which are no exact ellipses
_STRAIGHT, _STRAIGHT_COST = 0.006, 8.0  # scatter of two straight rows, and what it costs as a loop
_LOOP_EXTENT = 15.0  # sides of an electrode's box
_HOPELESS = 3.0  # cost above that of no type from which on a pattern is not looked at
_COMPARED = 24  # patterns whose sizes are compared, those with the best spacings


class TypeFit(NamedTuple):
    """The type whose pattern explains a row best: its name, its share of all likelihoods, and its own, as -log."""

    name: str
    confidence: float
    cost: float


def fit_types(rows: Sequence[ElectrodeRow], table: CatheterTypes, pixel_mm: float = np.nan) -> list[TypeFit]:
    """Compare rows with the patterns of a table.

    Spacings are compared up to a scale that changes smoothly along the catheter, as foreshortening makes it; the sizes
    of the boxes then tell whether that scale, and a long tip, are plausible.

    Args:
        rows: the electrodes of each; many at once take little longer than one.
        table: of types.
        pixel_mm: mean pixel spacing, NaN where unknown.
    """
    alike: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        alike[len(row.along), row.cut].append(index)
    fits: dict[int, TypeFit] = {}
    for (count, cut), members in alike.items():
        if count < 2:
            fits |= dict.fromkeys(members, TypeFit(UNKNOWN, 0.0, least_cost(count, table, cut=cut)))
        else:
            costs = _costs([rows[index] for index in members], table, pixel_mm)
            fits |= {index: _best(own, table) for index, own in zip(members, costs, strict=True)}
    return [fits[index] for index in range(len(rows))]


def _costs(rows: Sequence[ElectrodeRow], table: CatheterTypes, pixel_mm: float) -> np.ndarray:
    """Costs (R, types + 1) of rows with equally many electrodes as each type and, last, as none."""
    count = len(rows[0].along)
    patterns = patterns_of(table, count, cut=rows[0].cut)
    costs = np.full((len(rows), len(table.by_name) + 1), np.inf)
    unknown = _UNKNOWN_COST[0] + _UNKNOWN_COST[1] * count
    costs[:, -1] = unknown
    if patterns is not None:
        number, chosen, cost = _pattern_costs(rows, patterns, pixel_mm, most=unknown + _HOPELESS)
        np.minimum.at(costs, (number, patterns.types[chosen]), cost)
    for own, row in zip(costs, rows, strict=True):
        if row.crowded:
            own[:-1] = np.minimum(own[:-1], _crowd_costs(row, table))
    return costs


@lru_cache(maxsize=256)
def least_cost(count: int, table: CatheterTypes, *, cut: bool) -> float:
    """What any row of so many electrodes costs at least."""
    if count < 2:
        return (_ROW_COST + _LONE_COST) * count
    patterns = patterns_of(table, count, cut=cut)
    known = np.inf if patterns is None else float(patterns.costs.min())
    return _ROW_COST + min(known, _UNKNOWN_COST[0] + _UNKNOWN_COST[1] * count)


def fit_star(electrodes: int, arms: int, table: CatheterTypes) -> TypeFit:
    """The type of a star by how many electrodes and arms of it are seen; some lie behind others."""
    costs = np.full(len(table.by_name) + 1, np.inf)
    costs[-1] = _UNKNOWN_COST[0] + _UNKNOWN_COST[1] * electrodes
    for number, item in enumerate(table.by_name.values()):
        if item.shape == "star":
            poles = [item.arms * (len(gaps) + 1) for gaps in item.gaps_mm]
            wrong = min(abs(count - electrodes) for count in poles) + max(0, arms - item.arms)
            costs[number] = MISSED_COST * wrong
    return _best(costs, table)


def _crowd_costs(row: ElectrodeRow, table: CatheterTypes) -> np.ndarray:
    """Costs of loops and stars, by the number of electrodes and whether they lie on an ellipse."""
    round_cost = 0.5 * (max(0.0, row.scatter - _ROUND) / _ROUND_ERROR) ** 2 + _loop_cost(row)
    star_cost = 0.5 * (max(0.0, _ROUND + _ROUND_ERROR - row.scatter) / _ROUND_ERROR) ** 2
    shape_costs = {"loop": round_cost, "star": star_cost}
    costs = np.full(len(table.by_name), np.inf)
    for number, item in enumerate(table.by_name.values()):
        missed = min(item.arms * (len(gaps) + 1) - len(row.along) for gaps in item.gaps_mm)
        if item.shape == "loop" and row.cut and missed >= 0:
            costs[number] = _CROWD_COST + round_cost + MISSED_BEYOND_CUT_COST * missed
        elif item.shape in shape_costs and not row.cut and 0 <= missed <= MOST_MISSED:
            costs[number] = _CROWD_COST + shape_costs[item.shape] + MISSED_COST * missed
    return costs


def _best(costs: np.ndarray, table: CatheterTypes) -> TypeFit:
    """The type of the least cost, where the last cost is that of no type."""
    best = int(costs.argmin())
    confidence = 1 / np.exp(costs[best] - costs).sum()
    return TypeFit([*table.by_name, UNKNOWN][best], float(confidence), _ROW_COST + float(costs[best]))


def _pattern_costs(
    rows: Sequence[ElectrodeRow], patterns: Patterns, pixel_mm: float, *, most: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of rows and of those patterns whose spacings fit best, and costs below `most` before sizes count."""
    along = np.stack([row.along for row in rows])
    half = np.maximum(along[:, -1] - along[:, 0], 1.0) / 2
    along = along - along.mean(axis=1, keepdims=True)
    variance = _POSITION_ERROR_PX**2
    projected = (along @ patterns.modes).reshape(len(rows), *patterns.stiffness.shape)
    damped = projected / (1 + patterns.stiffness * (variance / half**2)[:, None, None])
    unexplained = (along * along).sum(axis=1)[:, None] - np.einsum("rmb,rmb->rm", projected, damped)
    costs = patterns.costs + unexplained / (2 * variance)
    limit = np.full(len(rows), most)
    if costs.shape[1] > _COMPARED:
        limit = np.minimum(limit, np.partition(costs, _COMPARED, axis=1)[:, _COMPARED])
    number, chosen = np.nonzero(costs < limit[:, None])
    if not len(number):
        return number, chosen, np.empty(0)
    scales = np.einsum("qnb,qb->qn", patterns.rates[chosen], damped[number, chosen])
    total = costs[number, chosen] + _size_costs(rows, number, patterns, chosen, scales, pixel_mm)
    return number, chosen, total + _shape_costs(rows, number, patterns.is_loop[chosen], patterns.shown[chosen])


def _size_costs(
    rows: Sequence[ElectrodeRow],
    number: np.ndarray,
    patterns: Patterns,
    chosen: np.ndarray,
    scales: np.ndarray,
    pixel_mm: float,
) -> np.ndarray:
    """How implausible the sizes of the boxes are (Q,), given pixels a mm (Q, N) along the catheter."""
    lengths, diameters = patterns.lengths_mm[chosen], patterns.diameters_mm[chosen, None]
    size = np.maximum(np.stack([row.sizes for row in rows]), 0.1)
    axes = np.stack([row.axes for row in rows])[number]
    scales = np.maximum(np.maximum(scales, 0.1 * scales.mean(axis=1, keepdims=True)), 1e-3)
    rings = slice(1, None) if size.shape[1] > 2 else slice(None)
    ring_size = size[:, rings].sum(axis=1)[number]
    foreshortening: np.ndarray | float = 0.85
    for _ in range(2):
        predicted = _box_sizes(lengths, diameters, axes, foreshortening)
        full_scale = ring_size / predicted[:, rings].sum(axis=1)
        foreshortening = np.minimum(np.maximum(scales / full_scale[:, None], 0.05), 1.0)
    ratio = np.log(scales.mean(axis=1) / full_scale)
    cost = 0.5 * (ratio / np.where(ratio > 0, _SIZE_ERROR, 0.5)) ** 2
    if size.shape[1] > 2:
        tip = np.log(size[number, 0] / (full_scale * predicted[:, 0])) / _SIZE_ERROR
        cost += np.where(patterns.has_tip[chosen], 0.5 * tip**2, 0.0)
    if np.isfinite(pixel_mm):
        magnification = full_scale * pixel_mm
        cost += 0.5 * (np.log(magnification / np.clip(magnification, *_MAGNIFICATION)) / _SIZE_ERROR) ** 2
    return np.asarray(cost)


def _box_sizes(
    lengths: np.ndarray, diameters: np.ndarray, axes: np.ndarray, foreshortening: np.ndarray | float
) -> np.ndarray:
    """Width plus height (Q, N) of the boxes around cylinders whose axes have the components (Q, N, 2) in the image."""
    x, y = axes[..., 0], axes[..., 1]
    shortened = foreshortening * foreshortening
    across = np.sqrt(1 - shortened * (x * x)) + np.sqrt(1 - shortened * (y * y))
    return np.asarray(foreshortening * (x + y) * lengths + across * diameters)


def _loop_cost(row: ElectrodeRow) -> float:
    """How implausible it is that electrodes so far apart, or in straight lines, lie on a loop."""
    wide = 0.5 * (max(0.0, row.extent - _LOOP_EXTENT) / 3) ** 2
    return wide + (_STRAIGHT_COST if row.crowded and row.scatter < _STRAIGHT else 0.0)


def _shape_costs(
    rows: Sequence[ElectrodeRow], number: np.ndarray, is_loop: np.ndarray, shown: np.ndarray
) -> np.ndarray:
    """How implausible the turning of rows is (Q,): loops go round, others bend."""
    turn = np.array([row.turn for row in rows])[number]
    bent = 0.5 * (np.maximum(0.0, turn - 3.2) / 0.5) ** 2
    if not is_loop.any():
        return bent
    loop_cost = np.array([_loop_cost(row) for row in rows])[number]
    straight = 0.5 * np.maximum(0.0, 4.5 * shown - turn) ** 2 + loop_cost
    return np.where(is_loop, straight, bent)
