"""Pieces of a mask that are too small for a device."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter
from skimage.measure import label

_GAP_MM = 3.0  # up to which pieces count as one: where contrast is low, devices break up


def without_small_pieces(mask: np.ndarray, smallest_mm2: float, *, spacing_mm: float) -> np.ndarray:
    """Drop what is too small for a device, devices being long.

    Args:
        mask: (rows, columns) bool.
        smallest_mm2: least area of a piece, with all others that are at most 3 mm from it.
        spacing_mm: of the pixels.

    Returns:
        (rows, columns) bool.
    """
    reach = round(_GAP_MM / 2 / spacing_mm)
    pieces = label(maximum_filter(mask, size=2 * reach + 1), connectivity=2)
    area_mm2 = np.bincount(pieces[mask], minlength=pieces.max() + 1) * spacing_mm**2
    return np.asarray(mask & (area_mm2 >= smallest_mm2)[pieces])
