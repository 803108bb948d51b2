"""Which found point is which true one."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

TOLERANCE_PIXELS = 3.0  # of the original frame, from a true electrode to the one found for it


def matched_pairs(true: np.ndarray, found: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Match points one-to-one: as many pairs within `tolerance` as possible, then the smallest total distance.

    Args:
        true: (N, 2) points.
        found: (K, 2) points in the same unit.
        tolerance: pairs further apart do not match.

    Returns:
        (M,) indices of the true and of the found point of each pair.
    """
    distances = cdist(true, found)
    # One pair too far apart costs more than all others together could save.
    unmatched = tolerance * (min(distances.shape) + 1)
    rows, columns = linear_sum_assignment(np.where(distances <= tolerance, distances, unmatched))
    within = distances[rows, columns] <= tolerance
    return rows[within], columns[within]


def matched_displacements(true: np.ndarray, found: np.ndarray, tolerance: float) -> np.ndarray:
    """Vectors (M, 2) from the true to the found point of each of the `matched_pairs`."""
    rows, columns = matched_pairs(true, found, tolerance)
    return found[columns] - true[rows]
