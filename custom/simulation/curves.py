"""Smooth 3D curves with limited curvature, as polylines (N, 3) in mm from the tip backwards."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from custom.simulation.scene import Array


def arc_lengths(points: Array) -> Array:
    """Distance (N,) of each point from the first along the polyline."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])


def resampled(points: Array, step_mm: float) -> Array:
    """Points every `step_mm` along the polyline, from its first point; the remainder at the end is dropped."""
    lengths = arc_lengths(points)
    positions = np.arange(0, lengths[-1], step_mm)
    return np.stack([np.interp(positions, lengths, points[:, axis]) for axis in range(3)], axis=1)


def curvature(points: Array) -> Array:
    """Curvature (N,) per mm of evenly spaced points."""
    spacing = np.linalg.norm(points[1] - points[0])
    first = np.gradient(points, spacing, axis=0)
    second = np.gradient(first, spacing, axis=0)
    speed = np.linalg.norm(first, axis=1).clip(1e-6)
    return np.asarray(np.linalg.norm(np.cross(first, second), axis=1) / speed**3)


def spline_through(waypoints: Array, step_mm: float = 1.0) -> Array:
    """A cubic spline through waypoints (K, 3), parametrised by chord length, in even steps."""
    lengths = arc_lengths(waypoints)
    spline = CubicSpline(lengths, waypoints, bc_type="natural")
    return resampled(spline(np.linspace(0, lengths[-1], max(16, int(2 * lengths[-1] / step_mm)))), step_mm)


def limited_curvature(points: Array, minimum_radius_mm: float) -> Array:
    """Smooth evenly spaced points until no bend is tighter than the radius, or as far as smoothing goes."""
    spacing = float(np.linalg.norm(points[1] - points[0]))
    smooth = points
    for width_mm in (0.0, 2.0, 4.0, 7.0, 11.0, 16.0, 22.0, 30.0, 40.0):
        if width_mm:
            smooth = _smoothed(points, width_mm / spacing)
        if curvature(smooth)[2:-2].max(initial=0.0) <= 1 / minimum_radius_mm:
            break
    return smooth


def _smoothed(points: Array, sigma: float) -> Array:
    """Gaussian smoothing that keeps the ends: point reflection beyond them."""
    pad = min(int(3 * sigma) + 1, len(points) - 1)
    head = 2 * points[0] - points[pad:0:-1]
    tail = 2 * points[-1] - points[-2 : -pad - 2 : -1]
    padded = np.concatenate([head, points, tail])
    return np.asarray(gaussian_filter1d(padded, sigma, axis=0, truncate=3.0)[pad : pad + len(points)])


def meander(
    rng: np.random.Generator, *, field_mm: float, depth_mm: float, minimum_radius_mm: float, step_mm: float = 1.0
) -> Array:
    """A curve that enters the field of view at its edge and winds through it; tip first.

    The heading's rate of change is a slowly varying random process, in the plane of the field mostly. Of a few such
    curves the first that stays in view for a third of its length is taken, or the last.
    """
    for _ in range(8):
        points = _wandering(rng, field_mm, depth_mm, minimum_radius_mm, step_mm)
        if (np.abs(points[:, [0, 2]]).max(axis=1) < 0.5 * field_mm).mean() > 1 / 3:
            break
    return points


def _wandering(
    rng: np.random.Generator, field_mm: float, depth_mm: float, minimum_radius_mm: float, step_mm: float
) -> Array:
    count = int(rng.uniform(0.6, 1.7) * field_mm / step_mm)
    side = rng.choice([-0.5 * np.pi, 0.5 * np.pi, 0.0, np.pi], p=[0.55, 0.2, 0.125, 0.125])
    start = 0.58 * field_mm * np.array([np.cos(side), np.sin(side)])
    start += rng.uniform(-0.3, 0.3) * field_mm * np.array([-np.sin(side), np.cos(side)])
    correlation = rng.uniform(8, 40) / step_mm
    bends = gaussian_filter1d(rng.standard_normal(count + 1), correlation, mode="wrap")
    bends *= rng.uniform(0.05, 0.6) / minimum_radius_mm / np.sqrt((bends**2).mean())
    aim = np.arctan2(-start[1], -start[0]) + rng.normal(0, 0.35)
    heading = aim + np.cumsum(bends * step_mm)
    depth = gaussian_filter1d(rng.standard_normal(count + 1), 3 * correlation, mode="reflect")
    depth *= depth_mm / np.sqrt((depth**2).mean())
    plane = start + np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1) * step_mm, axis=0)
    points = np.stack([plane[:, 0], depth - depth.mean(), plane[:, 1]], axis=1)
    return limited_curvature(resampled(points[::-1], step_mm), minimum_radius_mm)


def loop_at(end: Array, direction: Array, *, radius_mm: float, turns: float, rng: np.random.Generator) -> Array:
    """A circular loop across the shaft's direction, beginning ahead of its end; from the shaft to the tip."""
    side, up = perpendiculars(direction, rng)
    tilt = rng.normal(0, 0.3)
    axis = np.cos(tilt) * direction + np.sin(tilt) * side
    side = np.cos(tilt) * side - np.sin(tilt) * direction
    angles = np.arange(0, 2 * np.pi * turns, 1.0 / radius_mm)
    centre = end + 5.0 * direction - radius_mm * side
    drift = axis * (2.5 * angles / (2 * np.pi))[:, None]
    return np.asarray(centre + radius_mm * (np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * up) + drift)


def arm_at(end: Array, direction: Array, sideways: Array, *, length_mm: float, spread: float) -> Array:
    """An arm of a star-shaped catheter, bending away from the shaft to `spread` radians; from the tip to the shaft."""
    count = 64
    angles = np.linspace(0.2, spread, count)[:, None]
    steps = (np.cos(angles) * direction + np.sin(angles) * sideways) * (length_mm / count)
    return np.asarray((end + np.cumsum(steps, axis=0))[::-1])


def perpendiculars(direction: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two unit vectors across a direction, turned at random around it."""
    random = rng.standard_normal(3)
    side = random - direction * (random @ direction)
    side /= np.linalg.norm(side)
    return side, np.cross(direction, side)
