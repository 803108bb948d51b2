"""How far electrodes or a line moved as a whole."""

from __future__ import annotations

import numpy as np

from custom.compiled import compiled
from custom.postprocessing.polyline import ways_to_nearest

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
    agreement = _agreements(before, now, candidates, tolerance).round(6)
    best = int(agreement.argmax())
    if agreement[best] < _LEAST_AGREEMENT * len(before):
        return expected
    ways, distances = ways_to_nearest(before + candidates[best], now)
    return np.asarray(candidates[best] + ways[distances <= tolerance**2].mean(axis=0))


@compiled
def _agreements(before: np.ndarray, now: np.ndarray, displacements: np.ndarray, tolerance: float) -> np.ndarray:
    """Sums (D,) of how well electrodes (K, 2) lie on those of the next frame (L, 2), from 0 to 1, once displaced."""
    agreements = np.zeros(len(displacements))
    for number in range(len(displacements)):
        _, distances = ways_to_nearest(before + displacements[number], now)
        for distance in distances:
            agreements[number] += max(0.0, 1 - distance / tolerance**2)
    return agreements


def line_displacement(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Displacement (2,) from one line's points (N, 2) to another's (M, 2), by iterative closest points.

    Along a smooth line it stays where it is.
    """
    displacement = np.zeros(2)
    for _ in range(_ITERATIONS):
        ways, distances = ways_to_nearest(before + displacement, now)
        closer_half = distances <= np.partition(distances, len(distances) // 2)[len(distances) // 2]
        displacement = displacement + ways[closer_half].sum(axis=0) / closer_half.sum()
    return displacement
