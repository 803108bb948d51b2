"""How wide a mask is along the lines of its skeleton."""

from __future__ import annotations

import math

import numpy as np

from custom.compiled import compiled

_WINDOW = 11
_HEADING_REACH = 4


@compiled
def widths_along(mask: np.ndarray, pixels: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Width (N,) of a mask at the pixels of lines: its area in a window, over the line's length in there.

    Args:
        mask: (rows, columns) bool.
        pixels: (N, 2) row and column along all lines, one line after the other.
        lengths: (S,) numbers of pixels of the lines.
    """
    widths = np.empty(len(pixels))
    start = 0
    for length in lengths:
        stop = start + length
        for place in range(start, stop):
            first, last = max(place - _HEADING_REACH, start), min(place + _HEADING_REACH, stop - 1)
            down, right = abs(pixels[last, 0] - pixels[first, 0]), abs(pixels[last, 1] - pixels[first, 1])
            steepness = max(down, right, 1) / max(math.hypot(down, right), 1.0)
            widths[place] = _width(_area_around(mask, pixels[place, 0], pixels[place, 1]), steepness)
        start = stop
    return widths


@compiled
def _area_around(mask: np.ndarray, row: int, column: int) -> int:
    """Pixels of a mask in a window around one."""
    half = _WINDOW // 2
    area = 0
    for y in range(max(row - half, 0), min(row + half + 1, mask.shape[0])):
        for x in range(max(column - half, 0), min(column + half + 1, mask.shape[1])):
            area += mask[y, x]
    return area


@compiled
def _width(area: float, steepness: float) -> float:
    """Width of a line through the middle of a window, from its area in there and the larger part of its direction."""
    smaller = max(math.sqrt(1 - min(steepness, 1.0) ** 2), 1e-3)
    width = area * steepness / _WINDOW
    for _ in range(2):  # what goes past the window's corners is not in the area
        past = max(_WINDOW * (smaller - steepness) + width, 0.0) / (2 * steepness)
        width = (area + past * past * steepness / smaller) * steepness / _WINDOW
    return width
