"""Polylines: (N, 2) points x, y in order."""

from __future__ import annotations

import math

import numpy as np

from custom.compiled import compiled


@compiled
def arc_length(points: np.ndarray) -> np.ndarray:
    """Distance (N,) of each point of a polyline from the first one, along it, in the unit of the points."""
    reached = np.zeros(max(len(points), 1))
    for index in range(1, len(points)):
        x, y = points[index, 0] - points[index - 1, 0], points[index, 1] - points[index - 1, 1]
        reached[index] = reached[index - 1] + math.hypot(x, y)
    return reached


@compiled
def headings_of(steps: np.ndarray) -> np.ndarray:
    """Angle (N,) of steps (N, 2) x and y, without jumps, in radians."""
    angles = np.empty(len(steps))
    turns = 0.0
    for index in range(len(steps)):
        angles[index] = math.atan2(steps[index, 1], steps[index, 0]) - 2 * math.pi * turns
        if index > 0:
            jump = round((angles[index] - angles[index - 1]) / (2 * math.pi))
            angles[index] -= 2 * math.pi * jump
            turns += jump
    return angles


@compiled
def unit_vector(first: np.ndarray, last: np.ndarray) -> tuple[float, float]:
    """Direction (x, y) from one point (2,) to another; zero where they are one."""
    x, y = last[0] - first[0], last[1] - first[1]
    distance = max(math.hypot(x, y), 1e-9)
    return x / distance, y / distance


def polyline_length(points: np.ndarray) -> float:
    """Length of a polyline in the unit of its points; 0 below two points."""
    return float(arc_length(points)[-1])


def values_at(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The values (rows, columns) in the pixels of those of the points (N, 2) that lie in the frame."""
    columns, rows = np.rint(points).astype(int).T
    inside = (rows >= 0) & (rows < values.shape[0]) & (columns >= 0) & (columns < values.shape[1])
    return np.asarray(values[rows[inside], columns[inside]])


def share_on_mask(points: np.ndarray, mask: np.ndarray) -> float:
    """Share of points (N, 2) whose pixel lies on a mask (rows, columns) bool; 0 where there are none."""
    return float(values_at(points, mask).sum() / max(len(points), 1))


@compiled
def ways_to_nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From points (N, 2) to the nearest of others (M, 2), as vectors (N, 2) and squared distances (N,)."""
    ways, distances = np.zeros((len(points), 2)), np.full(len(points), np.inf)
    for point in range(len(points)):
        for other in range(len(others)):
            x, y = others[other, 0] - points[point, 0], others[other, 1] - points[point, 1]
            if x * x + y * y < distances[point]:
                ways[point, 0], ways[point, 1], distances[point] = x, y, x * x + y * y
    return ways, distances


def line_overlap(one: np.ndarray, other: np.ndarray, tolerance: float) -> float:
    """Share of two lines' points (N, 2), (M, 2) that lie within `tolerance` of the other line; 0 without points."""
    near = [ways_to_nearest(*lines)[1] <= tolerance**2 for lines in ((one, other), (other, one))]
    return float(near[0].sum() + near[1].sum()) / max(len(one) + len(other), 1)


@compiled
def resample_polyline(points: np.ndarray, step: float) -> np.ndarray:
    """Points along a polyline at even distances of at most `step`, its ends included.

    Args:
        points: (N, 2).
        step: in the unit of the points, above 0.

    Returns:
        (M, 2); `points` as they are where they have no length.
    """
    reached = arc_length(points)
    if reached[-1] == 0:
        return points.astype(np.float64)
    pieces = math.ceil(reached[-1] / step)
    resampled = np.empty((pieces + 1, 2))
    after = 1
    for index in range(pieces + 1):
        place = reached[-1] * index / pieces
        while reached[after] < place and after < len(points) - 1:
            after += 1
        stretch = reached[after] - reached[after - 1]
        share = (place - reached[after - 1]) / stretch if stretch > 0 else 1.0
        for axis in range(2):
            resampled[index, axis] = points[after - 1, axis] + share * (points[after, axis] - points[after - 1, axis])
    return resampled
