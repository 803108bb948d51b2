"""How far electrodes or a line moved as a whole."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

_MOST_ANCHORS = 5
_LEAST_AGREEMENT = 0.4
_ITERATIONS = 4


def electrode_displacement(
    before: np.ndarray, now: np.ndarray, *, expected: np.ndarray, limit: float, tolerance: float
) -> np.ndarray:
    """Find the displacement that lays most electrodes on electrodes of the next frame.

    Of displacements that do equally well the one nearest to what is expected counts: evenly spaced electrodes of which
    an end was missed fit themselves at a multiple of their spacing, too.

    Args:
        before: (K, 2) x, y of the electrodes.
        now: (L, 2) of all electrodes of the next frame.
        expected: (2,) the displacement of what moves with them.
        limit: longest displacement, in pixels.
        tolerance: pixels up to which electrodes lie on each other after the displacement, the nearer the better.

    Returns:
        (2,) pixels; what is expected where too few electrodes agree on any.
    """
    if not len(now):
        return expected
    anchors = before[:: -(-len(before) // _MOST_ANCHORS)]
    moves = (now[None] - anchors[:, None]).reshape(-1, 2)
    candidates = np.concatenate([expected[None], moves[np.hypot(*moves.T) <= limit]])
    candidates = candidates[np.hypot(*(candidates - expected).T).argsort(kind="stable")]
    distances, nearest = cKDTree(now).query(before + candidates[:, None], distance_upper_bound=tolerance)
    agreement = (1 - (distances / tolerance) ** 2).clip(min=0).sum(axis=1).round(6)
    best = int(agreement.argmax())
    if agreement[best] < _LEAST_AGREEMENT * len(before):
        return expected
    agreeing = np.isfinite(distances[best])
    return np.asarray((now[nearest[best, agreeing]] - before[agreeing]).mean(axis=0))


def line_displacement(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Displacement (2,) from one line's points (N, 2) to another's (M, 2), by iterative closest points.

    Along a smooth line it stays where it is.
    """
    displacement = np.zeros(2)
    for _ in range(_ITERATIONS):
        distances = cdist(before + displacement, now)
        nearest, closest = distances.argmin(axis=1), distances.min(axis=1)
        closer_half = closest <= np.partition(closest, len(closest) // 2)[len(closest) // 2]
        displacement = displacement + (now[nearest] - before - displacement)[closer_half].mean(axis=0)
    return displacement


def share_on_each_other(one: np.ndarray, other: np.ndarray, tolerance: float) -> float:
    """Share of two lines' points (N, 2), (M, 2) that lie within `tolerance` of the other line."""
    near = cdist(one, other) <= tolerance
    return float(near.any(axis=0).sum() + near.any(axis=1).sum()) / sum(near.shape)
