"""Skeleton pixels to a smooth line: Whittaker's smoother, with weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.linalg.lapack import dpbsv

_STIFFNESS = 1e4  # halves waves of about 30 pixels; a loop 30 pixels wide loses 0.1 %
_THIRD_DIFFERENCE = np.array([-1.0, 3.0, -3.0, 1.0])


def smoothed(points: np.ndarray, weights: np.ndarray, *, closed: bool = False) -> np.ndarray:
    """A line that minimises the weighted squared distances to points plus its squared third differences.

    Args:
        points: (N, 2) x and y, about one pixel apart.
        weights: (N,) how far each point is to be trusted, 0 where there is a gap.
        closed: whether the last point is followed by the first.

    Returns:
        (N, 2), as many points.
    """
    if closed:
        around = min(len(points), 40)
        wrapped = [np.concatenate([item[-around:], item, item[:around]]) for item in (points, weights)]
        return smoothed(*wrapped)[around:-around]
    count = len(points)
    if count < 6:
        return points
    bands = _bands(count).copy()
    bands[3] += np.maximum(weights, 1e-4)
    pulled = np.maximum(weights, 1e-4)[:, None] * points
    _, line, _ = dpbsv(bands, pulled, overwrite_ab=True, overwrite_b=True)  # solveh_banded's checks take longer than it
    return np.ascontiguousarray(line)


@lru_cache(maxsize=1024)
def _bands(count: int) -> np.ndarray:
    """The upper bands (4, N) of the matrix of squared third differences, times the stiffness."""
    bands = np.zeros((4, count))
    for offset in range(4):
        products = _THIRD_DIFFERENCE[: 4 - offset] * _THIRD_DIFFERENCE[offset:]
        bands[3 - offset, offset:] = _STIFFNESS * np.convolve(np.ones(count - 3), products)
    return bands
