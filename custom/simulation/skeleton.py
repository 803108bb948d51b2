"""Bones, from tubes with a cortical wall around a thinner inside, and plates."""

from __future__ import annotations

import numpy as np

from custom.simulation import curves
from custom.simulation.materials import BONE
from custom.simulation.scene import Array, Layer, MotionField, still

_CORTICAL_MM = 0.7


def add_bone(
    layer: Layer, points: Array, radius_mm: float, *, cortex: float = 0.35, marrow: float = 0.06,
    motion: MotionField = still,
) -> None:  # fmt: skip
    """A long bone along points, rounded at its ends: a dense wall, and a light inside of relative density `marrow`."""
    step = max(radius_mm / 2, 1.2)
    evenly = curves.resampled(points, step)
    layer.add_curve(evenly, motion)
    place = np.arange(len(evenly))
    from_end = (0.5 + np.minimum(place, place[::-1])) * step
    outer = radius_mm * np.sqrt(np.minimum(1.0, from_end / radius_mm))
    inner = np.maximum(outer - _CORTICAL_MM, 0.0)
    layer.add_shell(cortex, outer=outer, inner=inner, material=BONE)
    layer.add_shell(marrow, outer=inner, inner=0.0, material=BONE)


def add_spine(
    layer: Layer, rng: np.random.Generator, *, centre: Array, height_mm: float, width_mm: float, top_mm: float = 1e3
) -> None:
    """A column of vertebrae along z with a slight bend: bodies, end plates, pedicles and processes.

    Args:
        layer: the body's layer.
        rng: where the randomness comes from.
        centre: middle of the bodies at z = 0 of the scene.
        height_mm: from one vertebra to the next.
        width_mm: of a body.
        top_mm: there are no vertebrae above this z.
    """
    density = rng.uniform(0.7, 1.6)
    first = rng.uniform(0, height_mm)
    scoliosis, wave = rng.normal(0, 4.0), rng.uniform(150, 400)
    for level in range(-8, 9):
        z = first + level * height_mm
        if z > top_mm:
            break
        bend = scoliosis * np.sin(2 * np.pi * z / wave)
        at = centre + np.array([bend, 0.00035 * z * z, z]) + rng.normal(0, 0.6, 3)
        _add_vertebra(layer, rng, at, height_mm=0.76 * height_mm, width_mm=width_mm, density=density)


def _add_vertebra(
    layer: Layer, rng: np.random.Generator, at: Array, *, height_mm: float, width_mm: float, density: float
) -> None:
    radius = width_mm / 2
    tilt = rng.normal(0, 0.07, 2)
    axis = np.array([tilt[0], tilt[1], 1.0])
    heights = np.linspace(-0.5, 0.5, 6)[:, None] * height_mm
    body = at + heights * axis
    waist = radius * (0.88 + 0.12 * (2 * np.linspace(-0.5, 0.5, 6)) ** 2)
    layer.add_curve(body)
    layer.add_shell(0.6 * density, outer=waist, inner=waist - 1.0, material=BONE)
    layer.add_shell(0.13 * density, outer=waist - 1.0, inner=0.0, material=BONE)
    plate = _tilted(tilt)
    for end in (-0.5, 0.5):
        layer.add_ellipsoid(
            at + end * height_mm * axis,
            [0.98 * radius, 0.8 * radius, 1.2],
            rotation=plate,
            material=BONE,
            amount=0.32 * density,
        )
    for side in (-1.0, 1.0):
        _add_arch(layer, rng, at, side, radius, density)
    tip = at + np.array([rng.normal(0, 3), radius + 40, -0.7 * height_mm + rng.normal(0, 4)])
    spinous = np.stack([at + np.array([0, radius + 16, -3.0]), tip])
    add_bone(layer, spinous, 3.2, cortex=1.0 * density, marrow=0.25 * density)


def _add_arch(layer: Layer, rng: np.random.Generator, at: Array, side: float, radius: float, density: float) -> None:
    """Pedicle, facet and transverse process of one side."""
    root = at + np.array([side * 0.62 * radius, 0.7 * radius, 3.0])
    pedicle = np.stack([root, root + np.array([side * 1.0, 13.0, 0.0])])
    add_bone(layer, pedicle, 4.2, cortex=1.0 * density, marrow=0.1 * density)
    facet = root + np.array([side * 2.0, 16.0, -6.0])
    layer.add_ellipsoid(facet, [5.0, 4.0, 8.0], material=BONE, amount=0.3 * density)
    out = root + np.array([side * (16.0 + rng.normal(0, 2)), 17.0, 2.0 + rng.normal(0, 2)])
    add_bone(layer, np.stack([root + np.array([side, 12.0, 0]), out]), 3.4, cortex=0.8 * density, marrow=0.12 * density)


def add_ribs(
    layer: Layer, rng: np.random.Generator, *, spine: Array, half_width: float, half_depth: float, motion: MotionField
) -> None:
    """Twelve pairs of ribs around an elliptical chest, from the spine forwards and down."""
    spacing = rng.uniform(24, 31)
    slope = rng.uniform(35, 75)
    density = rng.uniform(0.6, 1.6)
    radius = rng.uniform(4.8, 7.5)
    first = rng.uniform(0, spacing)
    for level in range(-6, 7):
        for side in (-1.0, 1.0):
            reach = rng.uniform(2.2, 2.6)
            angle = np.linspace(0.12, reach, 48)
            drop = slope * np.sin(angle * 0.62) ** 1.5 * (1 + rng.normal(0, 0.04))
            points = np.stack(
                [
                    spine[0] + side * half_width * np.sin(angle),
                    (spine[1] + 10 - half_depth) + half_depth * np.cos(angle),
                    first + level * spacing - drop + rng.normal(0, 1.0),
                ],
                axis=1,
            )
            add_bone(
                layer,
                points,
                radius * rng.uniform(0.92, 1.08),
                cortex=0.3 * density,
                marrow=0.03 * density,
                motion=motion,
            )


def _tilted(tilt: Array) -> Array:
    """Axes (columns) of a plate across the direction (tilt x, tilt y, 1)."""
    axis = np.array([tilt[0], tilt[1], 1.0]) / np.sqrt(1 + tilt @ tilt)
    side = np.array([1.0, 0, -tilt[0]]) / np.sqrt(1 + tilt[0] ** 2)
    return np.stack([side, np.cross(axis, side), axis], axis=1)
