"""How near found centrelines are to true ones."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.ndimage import binary_dilation
from scipy.spatial import cKDTree

from custom.postprocessing.polyline import resample_polyline, share_on_mask

STEP_PIXELS = 0.5
_GAP_STEPS, _GAP_PIXELS = 4.0, 8.0
_MASK_PIXELS = 3


class LineDistance(NamedTuple):
    """Symmetric distance of two sets of lines: mean, and 95th percentile of the farther direction."""

    mean: float
    p95: float


def centerline_points(line: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Points (M, 2) along a polyline, at most half a pixel apart, so that every stretch counts by its length.

    Args:
        line: (N, 2), cut into its `visible_parts`.
        mask: see there.
    """
    return np.concatenate([resample_polyline(part, STEP_PIXELS) for part in visible_parts(line, mask)])


def visible_parts(line: np.ndarray, mask: np.ndarray | None = None) -> list[np.ndarray]:
    """Cut a polyline where the catheter was out of view: at steps beyond 8 pixels and four times the median step.

    Args:
        line: (N, 2).
        mask: (rows, columns) of the catheters, if any: a step that runs along it for half of its length or more is no
            gap, but a straight stretch that was annotated by its ends.
    """
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    if not len(steps):
        return [line]
    gaps = np.flatnonzero(steps > max(_GAP_PIXELS, _GAP_STEPS * float(np.median(steps))))
    if mask is not None and len(gaps):
        near = binary_dilation(mask > 0, iterations=_MASK_PIXELS)
        stretches = [resample_polyline(line[index : index + 2], STEP_PIXELS) for index in gaps]
        gaps = gaps[[share_on_mask(stretch, near) < 0.5 for stretch in stretches]]
    return np.split(line, gaps + 1)


def line_distance(found: np.ndarray, true: np.ndarray) -> LineDistance:
    """Distance of every point to the nearest of the other set, in both directions together.

    Args:
        found: (N, 2) evenly spaced points.
        true: (M, 2) likewise, in the same unit.

    Returns:
        The mean of all distances, and the greater of the 95th percentiles of either direction; NaN where one set is
        empty.
    """
    if not len(found) or not len(true):
        return LineDistance(math.nan, math.nan)
    to_true, to_found = cKDTree(true).query(found)[0], cKDTree(found).query(true)[0]
    p95 = max(np.percentile(to_true, 95), np.percentile(to_found, 95))
    return LineDistance(float(np.concatenate([to_true, to_found]).mean()), float(p95))


def centerline_dice(found: np.ndarray, true: np.ndarray, *, found_mask: np.ndarray, true_mask: np.ndarray) -> float:
    """clDice: harmonic mean of the share of found line in the true mask and that of true line in the found mask.

    Args:
        found: (N, 2) points x, y.
        true: (M, 2) likewise.
        found_mask: (rows, columns) bool.
        true_mask: likewise.

    Returns:
        In [0, 1]; 1 where both are empty.
    """
    if not len(found) and not len(true):
        return 1.0
    precision, sensitivity = share_on_mask(found, true_mask), share_on_mask(true, found_mask)
    total = precision + sensitivity
    return 2 * precision * sensitivity / total if total else 0.0
