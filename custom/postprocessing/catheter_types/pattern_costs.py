"""How improbable a row of electrodes is as each pattern: by its spacings, the sizes of its boxes, and its turning."""

from __future__ import annotations

import math

import numpy as np

from custom.compiled import compiled
from custom.postprocessing.catheter_types.patterns import Patterns

_POSITION_VARIANCE = 0.7**2  # square pixels
_SIZE_ERROR = 0.15  # of a box, relative: that of detection and that between makers
_SHRUNK_ERROR = 0.5  # of a scale that is smaller than the boxes say
_MAGNIFICATION = (0.95, 1.75)  # of the pixel spacing's plane over the catheter's: isocentre or detector
_COMPARED = 24  # patterns whose sizes are compared, those with the best spacings


@compiled
def pattern_costs(
    along: np.ndarray,
    headings: np.ndarray,
    boxes: np.ndarray,
    patterns: Patterns,
    pixel_mm: float,
    loop_cost: float,
    most: float,
    types: int,
) -> np.ndarray:
    """The least cost (types,) of a row among each type's patterns, infinite where spacings alone cost `most`.

    Args:
        along: (N,) places along the catheter in pixels, N at least 2.
        headings: (N,) angle of the catheter at each electrode, without jumps, in radians.
        boxes: (N, 4) x, y, width and height of the electrodes in pixels.
        patterns: of N electrodes.
        pixel_mm: mean pixel spacing, NaN where unknown.
        loop_cost: of the row as a loop.
        most: negative log likelihood of the spacings from which on a pattern is not looked at.
        types: number of types in the table.
    """
    spacing_costs, damped = _spacing_costs(along, patterns)
    most = min(most, _smallest(spacing_costs, _COMPARED + 1))
    costs = np.full(types, np.inf)
    turn = headings.max() - headings.min()
    for pattern in range(len(spacing_costs)):
        if spacing_costs[pattern] < most:
            cost = spacing_costs[pattern] + _size_cost(damped[pattern], boxes, headings, patterns, pattern, pixel_mm)
            if patterns.is_loop[pattern]:
                cost += _half_square(max(0.0, 4.5 * patterns.shown[pattern] - turn)) + loop_cost
            else:
                cost += _half_square(max(0.0, turn - 3.2) / 0.5)
            costs[patterns.types[pattern]] = min(costs[patterns.types[pattern]], cost)
    return costs


@compiled
def _smallest(values: np.ndarray, number: int) -> float:
    """The smallest but `number` - 1 of some values; infinite where they are fewer."""
    kept = np.full(number, np.inf)  # in order; numba's own sorting takes seconds to compile
    for value in values:
        place = number - 1
        if value < kept[place]:
            while place > 0 and value < kept[place - 1]:
                kept[place] = kept[place - 1]
                place -= 1
            kept[place] = value
    return float(kept[-1])


@compiled
def _spacing_costs(along: np.ndarray, patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """The cost (M,) of the spacings under each pattern, and how far each mode (M, B) moves the electrodes."""
    middle = along.mean()
    half = max(along[-1] - along[0], 1.0) / 2
    square = 0.0
    for place in along:
        square += (place - middle) * (place - middle)
    count, modes = patterns.stiffness.shape
    damped = np.zeros((count, modes))
    costs = np.empty(count)
    for pattern in range(count):
        unexplained = square
        for mode in range(modes):
            projected = 0.0
            for electrode in range(len(along)):
                projected += (along[electrode] - middle) * patterns.modes[pattern, electrode, mode]
            softness = patterns.stiffness[pattern, mode] * _POSITION_VARIANCE / (half * half)
            damped[pattern, mode] = projected / (1 + softness)
            unexplained -= projected * damped[pattern, mode]
        costs[pattern] = patterns.costs[pattern] + unexplained / (2 * _POSITION_VARIANCE)
    return costs, damped


@compiled
def _size_cost(
    damped: np.ndarray, boxes: np.ndarray, headings: np.ndarray, patterns: Patterns, pattern: int, pixel_mm: float
) -> float:
    """How implausible the sizes of the boxes are, given the scale along the catheter that its spacings tell."""
    count = len(boxes)
    scales = np.zeros(count)  # pixels a mm along the catheter
    for electrode in range(count):
        for mode in range(len(damped)):
            scales[electrode] += patterns.rates[pattern, electrode, mode] * damped[mode]
    least = max(0.1 * scales.mean(), 1e-3)
    mean_scale = 0.0
    for electrode in range(count):
        scales[electrode] = max(scales[electrode], least)
        mean_scale += scales[electrode] / count
    # Rings tell the scale across the catheter, where nothing is foreshortened; its tip may be long.
    first_ring = 1 if count > 2 else 0
    full_scale = tip = 0.0
    for trial in range(2):
        seen = predicted = 0.0
        for electrode in range(count):
            shortened = min(max(scales[electrode] / full_scale, 0.05), 1.0) if trial else 0.85
            length, diameter = patterns.lengths_mm[pattern, electrode], patterns.diameters_mm[pattern]
            size = _box_size(length, diameter, headings[electrode], shortened)
            if electrode == 0:
                tip = size
            if electrode >= first_ring:
                predicted += size
                seen += _seen_size(boxes, electrode)
        full_scale = seen / predicted
    ratio = math.log(mean_scale / full_scale)
    cost = _half_square(ratio / (_SIZE_ERROR if ratio > 0 else _SHRUNK_ERROR))
    if count > 2 and patterns.has_tip[pattern]:
        cost += _half_square(math.log(_seen_size(boxes, 0) / (full_scale * tip)) / _SIZE_ERROR)
    if math.isfinite(pixel_mm):
        magnification = full_scale * pixel_mm
        plausible = min(max(magnification, _MAGNIFICATION[0]), _MAGNIFICATION[1])
        cost += _half_square(math.log(magnification / plausible) / _SIZE_ERROR)
    return cost


@compiled
def _seen_size(boxes: np.ndarray, electrode: int) -> float:
    return max(boxes[electrode, 2] + boxes[electrode, 3], 0.1)


@compiled
def _box_size(length: float, diameter: float, heading: float, foreshortening: float) -> float:
    """Width plus height of the box around a cylinder whose axis has this direction in the image."""
    x, y = foreshortening * abs(math.cos(heading)), foreshortening * abs(math.sin(heading))
    return (x + y) * length + (math.sqrt(1 - x * x) + math.sqrt(1 - y * y)) * diameter


@compiled
def _half_square(errors: float) -> float:
    return 0.5 * errors * errors
