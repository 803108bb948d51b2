"""Polylines: (N, 2) points x, y in order."""

from __future__ import annotations

import numpy as np


def arc_length(points: np.ndarray) -> np.ndarray:
    """Distance (N,) of each point of a polyline from the first one, along it, in the unit of the points."""
    reached = np.zeros(max(len(points), 1))
    steps = points[1:] - points[:-1]
    np.hypot(steps[:, 0], steps[:, 1]).cumsum(out=reached[1:])
    return reached


def headings_of(steps: np.ndarray) -> np.ndarray:
    """Angle (N,) of steps (N, 2) x and y, without jumps, in radians."""
    angles = np.arctan2(steps[:, 1], steps[:, 0])
    turns = np.round((angles[1:] - angles[:-1]) / (2 * np.pi)).cumsum()
    angles[1:] -= 2 * np.pi * turns
    return angles


def polyline_length(points: np.ndarray) -> float:
    """Length of a polyline in the unit of its points; 0 below two points."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def resample_polyline(points: np.ndarray, step: float) -> np.ndarray:
    """Points along a polyline at even distances of at most `step`, its ends included.

    Args:
        points: (N, 2).
        step: in the unit of the points, above 0.

    Returns:
        (M, 2); `points` as they are where they have no length.
    """
    if len(points) < 2:
        return points
    reached = arc_length(points)
    if reached[-1] == 0:
        return points
    wanted = np.linspace(0.0, reached[-1], int(np.ceil(reached[-1] / step)) + 1)
    return np.column_stack([np.interp(wanted, reached, points[:, axis]) for axis in range(2)])
