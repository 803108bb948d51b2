"""Pieces of a mask that are too small, or too uncertain, for a device."""

from __future__ import annotations

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
    return _any_ahead(_any_ahead(np.pad(mask, reach), 2 * reach + 1).T, 2 * reach + 1).T


def _any_ahead(mask: np.ndarray, rows: int) -> np.ndarray:
    """Whether any of so many rows from each one on is true; twice as many are looked at in each round."""
    seen = 1
    while seen < rows:
        step = min(seen, rows - seen)
        mask = mask[:-step] | mask[step:]
        seen += step
    return mask
