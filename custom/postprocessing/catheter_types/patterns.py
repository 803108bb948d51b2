"""Every way in which a number of electrodes may lie on the catheters of a table, ready to be compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import eigh

from custom.postprocessing.catheter_types.table import CatheterType, CatheterTypes
from custom.typed_yaml import Range

MOST_MISSED = 3
_MOST_WAYS = 200  # to miss electrodes: three of ten and two of twenty, as every way takes time
MISSED_COST = 3.0
MISSED_BEYOND_CUT_COST = 0.6
# How far foreshortening moves electrodes, as a share of half their span: Legendre polynomials from the second degree.
_FORESHORTENING = np.array([0.25, 0.1, 0.04])
_FORESHORTENING_OF_LOOP = np.array([0.25, 0.25, 0.2, 0.15, 0.08, 0.04])
_MODES = len(_FORESHORTENING_OF_LOOP) + 2


class Patterns(NamedTuple):
    """M ways in which N electrodes may lie on the catheters of a table.

    Attributes:
        types: (M,) index of the catheter's type in the table.
        costs: (M,) negative log likelihood that those poles were seen and the others were not.
        has_tip: (M,) whether the first electrode is the one at the tip.
        is_loop: (M,) whether the catheter's shape is a loop.
        shown: (M,) share of the length between the catheter's first and last electrode that these span.
        lengths_mm: (M, N) of the electrodes.
        diameters_mm: (M,) of the electrodes.
        modes: (M, N, B) positions that foreshortening may give the electrodes, orthonormal.
        stiffness: (M, B) how improbable each mode is.
        rates: (M, N, B) change of each mode a mm along the catheter.
    """

    types: np.ndarray
    costs: np.ndarray
    has_tip: np.ndarray
    is_loop: np.ndarray
    shown: np.ndarray
    lengths_mm: np.ndarray
    diameters_mm: np.ndarray
    modes: np.ndarray
    stiffness: np.ndarray
    rates: np.ndarray


@dataclass(frozen=True)
class _Pattern:
    type: int
    cost: float
    poles: np.ndarray
    is_loop: bool
    shown: float
    diameter_mm: float
    positions_mm: np.ndarray
    lengths_mm: np.ndarray


@lru_cache(maxsize=256)
def patterns_of(table: CatheterTypes, count: int, *, cut: bool) -> Patterns | None:
    """The patterns of `count` electrodes, at least two; `None` where no catheter of the table has as many.

    Args:
        table: the types.
        count: N.
        cut: whether the catheter leaves the frame before its tip, so that any number of poles may be missing there.
    """
    found = [
        pattern
        for number, item in enumerate(table.by_name.values())
        if item.shape != "star"
        for gaps in item.gaps_mm
        for pattern in _of_variant(number, item, gaps, count, cut)
    ]
    if not found:
        return None
    modes, stiffness, rates = zip(*(_modes(pattern.positions_mm, pattern.is_loop) for pattern in found), strict=True)
    return Patterns(
        types=np.array([pattern.type for pattern in found]),
        costs=np.array([pattern.cost for pattern in found]),
        has_tip=np.array([pattern.poles[0] == 0 for pattern in found]),
        is_loop=np.array([pattern.is_loop for pattern in found]),
        shown=np.array([pattern.shown for pattern in found]),
        lengths_mm=np.stack([pattern.lengths_mm for pattern in found]),
        diameters_mm=np.array([pattern.diameter_mm for pattern in found]),
        modes=np.stack(modes),
        stiffness=np.stack(stiffness),
        rates=np.stack(rates),
    )


def _of_variant(number: int, item: CatheterType, gaps: tuple[float, ...], count: int, cut: bool) -> Iterator[_Pattern]:
    lengths = np.full(len(gaps) + 1, _middle(item.ring_length_mm))
    lengths[0] = _middle(item.tip_length_mm)
    positions = np.concatenate([[0.0], (np.array(gaps) + (lengths[1:] + lengths[:-1]) / 2).cumsum()])
    diameter = _middle(item.diameter_mm)
    for chosen, cost in _seen(len(positions), count, cut):
        poles = np.array(chosen)
        shown = float(np.ptp(positions[poles]) / positions[-1])
        yield _Pattern(number, cost, poles, item.shape == "loop", shown, diameter, positions[poles], lengths[poles])


def _seen(poles: int, count: int, cut: bool) -> Iterator[tuple[tuple[int, ...], float]]:
    """Which poles may have been seen, and what it costs that the others were not."""
    missed = poles - count
    if 0 <= missed <= MOST_MISSED and comb(poles, missed) <= _MOST_WAYS:
        for chosen in combinations(range(poles), count):
            beyond = chosen[0] if cut else 0
            yield chosen, (missed - beyond) * MISSED_COST + beyond * MISSED_BEYOND_CUT_COST
    elif cut and count < poles:
        yield tuple(range(missed, poles)), missed * MISSED_BEYOND_CUT_COST


def _modes(positions_mm: np.ndarray, is_loop: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Modes (N, B), their stiffness (B,) and rates (N, B); modes beyond those that N electrodes can have are zero."""
    spread = _FORESHORTENING_OF_LOOP if is_loop else _FORESHORTENING
    half = (positions_mm[-1] - positions_mm[0]) / 2
    u = (positions_mm - positions_mm[0]) / half - 1
    degree = min(len(spread) + 1, len(u) - 1)
    basis = legendre.legvander(u, degree)
    slopes = np.stack([legendre.legval(u, legendre.legder(row)) for row in np.eye(degree + 1)], axis=1)
    penalty = np.zeros(degree + 1)
    penalty[2:] = 1 / spread[: degree - 1] ** 2
    stiffness, vectors = eigh(np.diag(penalty), basis.T @ basis)
    unused = _MODES - 1 - degree
    return (
        np.pad(basis @ vectors, ((0, 0), (0, unused))),
        np.pad(np.maximum(stiffness, 0), (0, unused)),
        np.pad(slopes @ vectors / half, ((0, 0), (0, unused))),
    )


def _middle(lengths_mm: Range) -> float:
    return (lengths_mm.low + lengths_mm.high) / 2
