"""How far electrodes scatter over test-time augmentations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from custom.postprocessing.result import Electrode


def electrode_spread(positions: np.ndarray, views: np.ndarray, *, reach: float) -> np.ndarray:
    """Match electrodes with those of each view, one to one, and measure how far the matches scatter.

    Args:
        positions: (K, 2) x, y of the electrodes, in pixels.
        views: (V, L, 3) x, y and score of what each view shows by itself, score 0 where there is none.
        reach: largest distance of a match, in pixels.

    Returns:
        (K,) standard deviation of the position: the root of the mean squared distance of the matches from their mean.
        NaN where fewer than two views show the electrode.
    """
    matches = np.full((len(views), len(positions), 2), np.nan)
    for matched, found in zip(matches, views, strict=True):
        points = found[found[:, 2] > 0, :2]
        distance = cdist(positions, points)
        rows, columns = linear_sum_assignment(np.minimum(distance, reach))
        near = distance[rows, columns] < reach
        matched[rows[near]] = points[columns[near]]
    shown = np.isfinite(matches[..., 0]).sum(axis=0)
    mean = np.nansum(matches, axis=0) / np.maximum(shown, 1)[:, None]
    variance = np.nansum(np.square(matches - mean), axis=(0, 2)) / np.maximum(shown, 1)
    return np.where(shown >= 2, np.sqrt(variance), np.nan)


def with_spread(electrodes: Sequence[Electrode], spread: np.ndarray) -> tuple[Electrode, ...]:
    """Return electrodes that know their spread.

    Args:
        electrodes: K of them.
        spread: (K,) pixels, NaN where unknown.
    """
    return tuple(
        replace(electrode, spread_px=value if np.isfinite(value) else None)
        for electrode, value in zip(electrodes, spread.tolist(), strict=True)
    )
