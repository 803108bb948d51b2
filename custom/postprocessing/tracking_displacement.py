"""How far a catheter moved as a whole, and how well it then lies on itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

# By catheter's track, how far it moved since it was seen last; new ones are not in it.
Displacements = Mapping[int | None, np.ndarray]
_ITERATIONS = 4
_MOST_ANCHORS = 5


@dataclass(frozen=True)
class Shape:
    """A catheter for comparison: `electrodes` (K, 2) and evenly spaced points of its centreline (N, 2), x and y."""

    electrodes: np.ndarray
    centerline: np.ndarray


@dataclass(frozen=True)
class Alignment:
    """A displacement (2,) in pixels, and the share in [0, 1] of both shapes that then lies on the other."""

    displacement: np.ndarray
    overlap: float


def align(before: Shape, now: Shape, *, limit: float, tolerance: float) -> Alignment:
    """Find the displacement that lays most electrodes, or where there are none the centreline, on each other.

    Of displacements that do equally well the smallest counts: evenly spaced electrodes of which an end was missed fit
    themselves at a multiple of their spacing, too.

    Args:
        before: the catheter where it was.
        now: the catheter where it may be.
        limit: longest displacement, in pixels.
        tolerance: pixels up to which points lie on each other after the displacement.
    """
    if len(before.electrodes) and len(now.electrodes):
        displacement = electrode_displacement(before.electrodes, now.electrodes, limit, tolerance)
    else:
        displacement = _centerline_displacement(before.centerline, now.centerline, limit)
    return Alignment(displacement, _overlap(before, now, displacement, tolerance))


def electrode_displacement(before: np.ndarray, now: np.ndarray, limit: float, tolerance: float) -> np.ndarray:
    """Find the displacement (2,) within `limit` that lays most of the points `before` (K, 2) on points `now` (L, 2)."""
    moves = now[None] - before[:, None]
    anchors = moves[:: -(-len(before) // _MOST_ANCHORS)]
    candidates = np.concatenate([np.zeros((1, 2)), anchors.reshape(-1, 2)])
    lengths = np.hypot(*candidates.T)
    candidates = candidates[np.argsort(lengths, kind="stable")][: np.count_nonzero(lengths <= limit)]
    residuals = ((moves[None] - candidates[:, None, None]) ** 2).sum(axis=-1).min(axis=2)
    agreement = (1 - residuals / tolerance**2).clip(min=0)
    best = int(agreement.sum(axis=1).round(6).argmax())
    nearest = ((moves - candidates[best]) ** 2).sum(axis=-1).argmin(axis=1)
    agreeing = moves[np.arange(len(before)), nearest][agreement[best] > 0]
    return np.asarray(agreeing.mean(axis=0)) if len(agreeing) else candidates[best]


def _centerline_displacement(before: np.ndarray, now: np.ndarray, limit: float) -> np.ndarray:
    """Iterative closest points, translation only: along a smooth line it stays where it is."""
    displacement = np.zeros(2)
    if not len(before) or not len(now):
        return displacement
    tree = cKDTree(now)
    for _ in range(_ITERATIONS):
        distances, nearest = tree.query(before + displacement)
        closer_half = distances <= np.partition(distances, len(distances) // 2)[len(distances) // 2]
        displacement = displacement + (now[nearest] - before - displacement)[closer_half].mean(axis=0)
    return displacement if np.hypot(*displacement) <= limit else np.zeros(2)


def _overlap(before: Shape, now: Shape, displacement: np.ndarray, tolerance: float) -> float:
    shares = [
        _share_on_each_other(cdist(first + displacement, second), tolerance)
        for first, second in ((before.electrodes, now.electrodes), (before.centerline, now.centerline))
        if len(first) or len(second)
    ]
    return sum(shares) / len(shares) if shares else 0.0


def _share_on_each_other(distances: np.ndarray, tolerance: float) -> float:
    near = distances <= tolerance
    return float(near.any(axis=0).sum() + near.any(axis=1).sum()) / sum(distances.shape)
