"""Pieces of a mask that are too small, or too uncertain, for a device."""

from __future__ import annotations

from functools import reduce

import numpy as np
from skimage.measure import label

_GAP_MM = 3.0  # up to which pieces count as one: where contrast is low, devices break up


def without_unsure_pieces(mask: np.ndarray, sure: np.ndarray, smallest_mm2: float, *, spacing_mm: float) -> np.ndarray:
    """Drop pieces that hold too little that is sure: devices are long, and what only looks like one is sure nowhere.

    Args:
        mask: (rows, columns) bool.
        sure: (rows, columns) bool, the pixels of the mask that count.
        smallest_mm2: least area that counts of a piece, with all others that are at most 3 mm from it; above 0.
        spacing_mm: of the pixels.

    Returns:
        (rows, columns) bool.
    """
    reach = round(_GAP_MM / 2 / spacing_mm)
    pieces = label(widened(mask, reach), connectivity=2)
    area_mm2 = np.bincount(pieces[mask & sure], minlength=pieces.max() + 1) * spacing_mm**2
    kept = np.zeros_like(mask)
    kept[mask] = (area_mm2 >= smallest_mm2)[pieces[mask]]
    return kept


def widened(mask: np.ndarray, reach: int) -> np.ndarray:
    """Return a mask with a square around each of its pixels; scipy's filter takes three times as long.

    Args:
        mask: (rows, columns) bool.
        reach: pixels from the middle of a square to its sides.
    """
    rows, columns = mask.shape
    padded = np.pad(mask, reach)
    tall = reduce(np.logical_or, [padded[first : first + rows] for first in range(2 * reach + 1)])
    return reduce(np.logical_or, [tall[:, first : first + columns] for first in range(2 * reach + 1)])
