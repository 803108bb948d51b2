"""Pieces of a mask that are too small, or too uncertain, for a device."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter
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
    pieces = label(maximum_filter(mask, size=2 * reach + 1), connectivity=2)
    area_mm2 = np.bincount(pieces[mask & sure], minlength=pieces.max() + 1) * spacing_mm**2
    return np.asarray(mask & (area_mm2 >= smallest_mm2)[pieces])
