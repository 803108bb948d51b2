"""Which type of catheter a row of electrodes belongs to (paper, section 4: the pattern of spacings)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from custom.postprocessing.catheter_types.pattern_costs import pattern_costs
from custom.postprocessing.catheter_types.patterns import (
    MISSED_BEYOND_CUT_COST,
    MISSED_COST,
    MOST_MISSED,
    patterns_of,
)
from custom.postprocessing.catheter_types.row import ElectrodeRow
from custom.postprocessing.catheter_types.table import UNKNOWN, CatheterTypes

_UNKNOWN_COST = (5.0, 1.5)  # of a row, and for each electrode
_LONE_COST = 4.0  # of one electrode where no catheter has only one
_ROW_COST = 2.5  # of another catheter with electrodes
_CROWD_COST = 8.0
_ROUND, _ROUND_ERROR = 0.13, 0.04  # scatter of loops, which are no exact ellipses
_STRAIGHT, _STRAIGHT_COST = 0.006, 8.0  # scatter of two straight rows, and what it costs as a loop
_LOOP_EXTENT = 15.0  # sides of an electrode's box
_HOPELESS = 3.0  # cost above that of no type from which on a pattern is not looked at


class TypeFit(NamedTuple):
    """The type whose pattern explains a row best: its name, its share of all likelihoods, and its own, as -log."""

    name: str
    confidence: float
    cost: float


def fit_type(row: ElectrodeRow, table: CatheterTypes, pixel_mm: float = np.nan) -> TypeFit:
    """Compare a row with the patterns of a table.

    Spacings are compared up to a scale that changes smoothly along the catheter, as foreshortening makes it; the sizes
    of the boxes then tell whether that scale, and a long tip, are plausible.

    Args:
        row: the electrodes.
        table: of types.
        pixel_mm: mean pixel spacing, NaN where unknown.
    """
    if len(row.along) < 2:
        return TypeFit(UNKNOWN, 0.0, least_cost(len(row.along), table, cut=row.cut))
    return _best(_costs(row, table, pixel_mm), table)


def _costs(row: ElectrodeRow, table: CatheterTypes, pixel_mm: float) -> np.ndarray:
    """Costs (types + 1,) of two electrodes or more as each type and, last, as none."""
    count, types = len(row.along), len(table.by_name)
    patterns = patterns_of(table, count, cut=row.cut)
    costs = np.full(types + 1, np.inf)
    costs[-1] = unknown = _UNKNOWN_COST[0] + _UNKNOWN_COST[1] * count
    if patterns is not None:
        costs[:-1] = pattern_costs(
            row.along,
            row.headings,
            row.boxes,
            patterns,
            pixel_mm,
            _loop_cost(row),
            unknown + _HOPELESS,
            types,
        )
    if row.crowded:
        costs[:-1] = np.minimum(costs[:-1], _crowd_costs(row, table))
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
    each = costs.tolist()
    likeliest = min(each)
    confidence = 1 / sum(math.exp(likeliest - cost) for cost in each)
    return TypeFit(table.names[each.index(likeliest)], confidence, _ROW_COST + likeliest)


def _loop_cost(row: ElectrodeRow) -> float:
    """How implausible it is that electrodes so far apart, or in straight lines, lie on a loop."""
    wide = 0.5 * (max(0.0, row.extent - _LOOP_EXTENT) / 3) ** 2
    return wide + (_STRAIGHT_COST if row.crowded and row.scatter < _STRAIGHT else 0.0)
