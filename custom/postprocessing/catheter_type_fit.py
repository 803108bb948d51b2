"""Which type of catheter a row of electrodes belongs to (paper, section 4: the pattern of spacings)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from custom.postprocessing.catheter_types import UNKNOWN, CatheterType, Variant

_MOST_MISSED = 2
_POSITION_ERROR_PX = 0.6
_FORESHORTENING = np.array([0.25, 0.12, 0.05])  # how much it changes along a catheter: linearly, and twice more
_MISSED_COST = 3.0
_UNKNOWN_COST = 14.0
_MAGNIFICATION = (0.95, 1.75)  # of the pixel spacing's plane over the catheter's: isocentre or detector


@dataclass(frozen=True)
class ElectrodeRow:
    """Electrodes in order along a catheter, from the tip.

    Attributes:
        along: (N,) distance along the centreline from the first one, in pixels.
        boxes: (N, 2) width and height in pixels.
        tangents: (N, 2) unit vector of the centreline at each.
        turn: radians that the centreline turns by from the first to the last.
        pixel_mm: mean pixel spacing, NaN where unknown.
        cut: whether the catheter leaves the frame before its tip, so that electrodes may be missing there.
    """

    along: np.ndarray
    boxes: np.ndarray
    tangents: np.ndarray
    turn: float
    pixel_mm: float
    cut: bool


def fit_type(row: ElectrodeRow, types: Mapping[str, CatheterType]) -> tuple[str, float]:
    """Name and confidence of the type whose pattern explains a row best.

    Spacings are compared up to a scale that changes smoothly along the catheter, as foreshortening makes it; the sizes
    of the boxes then tell whether that scale, and a long tip, are plausible.

    Returns:
        A key of `types` or `unknown`, and its share in [0, 1] of all likelihoods.
    """
    costs = {UNKNOWN: _UNKNOWN_COST}
    for name, item in types.items():
        if item.shape != "star":
            costs[name] = min(_cost(row, item, variant) for variant in item.variants)
    likelihoods = {name: np.exp(-cost) for name, cost in costs.items()}
    best = min(costs, key=lambda name: costs[name])
    return best, float(likelihoods[best] / sum(likelihoods.values()))


def _cost(row: ElectrodeRow, item: CatheterType, variant: Variant) -> float:
    """Negative log likelihood of a row under a pattern."""
    count, poles = len(row.along), len(variant.positions_mm)
    if count < 2 or count > poles or (poles - count > _MOST_MISSED and not row.cut):
        return np.inf
    chosen, missed = _choices(poles, count, row.cut)
    spacing_cost, scales = _spacing_costs(row.along, variant.positions_mm[chosen])
    total = spacing_cost + missed
    best = int(np.argmin(total))
    size_cost = _size_cost(row, variant, chosen[best], scales[best])
    return float(total[best] + size_cost + _shape_cost(row, item))


@lru_cache(maxsize=256)
def _choices(poles: int, count: int, cut: bool) -> tuple[np.ndarray, np.ndarray]:
    """Which poles (M, count) may have been seen, and what it costs (M,) that the others were not."""
    if poles - count > _MOST_MISSED:
        return np.arange(poles - count, poles)[None], np.full(1, _MISSED_COST)
    chosen = np.array(list(combinations(range(poles), count)))
    missed = np.full(len(chosen), _MISSED_COST * (poles - count))
    if cut:
        missed -= 0.8 * _MISSED_COST * chosen[:, 0]
    return chosen, missed


def _spacing_costs(along: np.ndarray, positions_mm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half the squared distance (M,) of positions to patterns (M, N), and pixels a mm (M, N) along them."""
    span = max(along[-1] - along[0], 1.0)
    middle = (positions_mm[:, :1] + positions_mm[:, -1:]) / 2
    half = (positions_mm[:, -1:] - positions_mm[:, :1]) / 2
    u = (positions_mm - middle) / half
    order = 4 if len(along) > 2 else 2
    basis = np.stack([np.ones_like(u), u, u**2 - 1, u**3 - u, u**4 - u**2][: order + 1], axis=2)
    basis = basis[:, :, : len(_FORESHORTENING) + 2]
    ridge = np.zeros(basis.shape[2])
    ridge[2:] = (_POSITION_ERROR_PX / (span / 2 * _FORESHORTENING[: len(ridge) - 2])) ** 2
    transposed = basis.transpose(0, 2, 1)
    solution = np.linalg.solve(transposed @ basis + np.diag(ridge), (transposed @ along)[..., None])[..., 0]
    residual = along - (basis @ solution[..., None])[..., 0]
    cost = ((residual**2).sum(axis=1) + (ridge * solution**2).sum(axis=1)) / (2 * _POSITION_ERROR_PX**2)
    slope = np.stack([np.zeros_like(u), np.ones_like(u), 2 * u, 3 * u**2 - 1, 4 * u**3 - 2 * u], axis=2)
    scales = (slope[:, :, : basis.shape[2]] @ solution[..., None])[..., 0] / half
    return cost, np.maximum(scales, 0.1 * span / (2 * half))


def _size_cost(row: ElectrodeRow, variant: Variant, chosen: np.ndarray, scales: np.ndarray) -> float:
    """How implausible the sizes of the boxes are, given pixels a mm along the catheter."""
    lengths = variant.lengths_mm[chosen]
    size = row.boxes.sum(axis=1)
    foreshortening = np.full(len(size), 0.85)
    for _ in range(3):
        predicted = _box_sizes(lengths, variant.diameter_mm, foreshortening[:, None] * np.abs(row.tangents))
        rings = slice(1, None) if len(size) > 2 else slice(None)
        full_scale = float(np.median(size[rings] / predicted[rings]))
        foreshortening = np.clip(scales / full_scale, 0.05, 1.0)
    ratio = np.log(np.median(scales) / full_scale)
    cost = 0.5 * (ratio / (0.15 if ratio > 0 else 0.5)) ** 2
    if chosen[0] == 0 and len(size) > 2:
        cost += 0.5 * (np.log(size[0] / (full_scale * predicted[0])) / 0.15) ** 2
    if np.isfinite(row.pixel_mm):
        magnification = full_scale * row.pixel_mm
        outside = np.log(magnification / np.clip(magnification, *_MAGNIFICATION))
        cost += 0.5 * (outside / 0.15) ** 2
    return float(cost)


def _box_sizes(lengths: np.ndarray, diameter: float, axes: np.ndarray) -> np.ndarray:
    """Width plus height (N,) of the boxes around cylinders whose axes have the components (N, 2) in the image."""
    return (axes * lengths[:, None] + diameter * np.sqrt(1 - np.minimum(axes, 1) ** 2)).sum(axis=1)


def _shape_cost(row: ElectrodeRow, item: CatheterType) -> float:
    if item.shape == "loop":
        return 0.5 * (max(0.0, 3.5 - row.turn) / 1.0) ** 2
    return 0.5 * (max(0.0, row.turn - 2.8) / 0.5) ** 2
