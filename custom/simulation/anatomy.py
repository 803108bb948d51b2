"""The patient around the devices: soft tissue, lungs and bones of a region, or a phantom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custom.simulation import curves, rotations, skeleton
from custom.simulation.materials import BONE, SOFT_TISSUE
from custom.simulation.motion import Motion
from custom.simulation.scene import Array, Layer, MotionField
from custom.simulation.vessels import add_vessel_tree

# Around the middle of the skull's base, in mm: x, y, z and semi-axes of air; x, y, z, width, depth and slope of floors.
_SINUSES = ((0, -70, 34, 22, 8, 12), (0, -30, -4, 13, 13, 10), (-28, -62, -6, 13, 15, 15), (28, -62, -6, 13, 15, 15))
_FOSSAE = ((0, -38, 10, 40, 34, 0.1), (0, -4, -6, 46, 22, -0.2), (0, 36, -12, 44, 34, 0.25))


def add_thorax(layer: Layer, motion: Motion, rng: np.random.Generator) -> None:
    """Chest around the heart, which is at the motion's heart centre."""
    heart = motion.heart_centre
    half_width, half_depth = rng.uniform(140, 180), rng.uniform(95, 130)
    middle = np.array([-15.0 + rng.normal(0, 6), 0.0, 0.0])
    layer.add_ellipsoid(middle, [half_width * 1.08, half_depth, 650], material=SOFT_TISSUE)
    _add_lungs(layer, motion, rng, middle, half_width, half_depth)
    for place, extent in (((16, -8, -12), (56, 42, 42)), ((-8, 8, 8), (44, 40, 44)), ((2, 8, 40), (26, 24, 44))):
        layer.add_ellipsoid(  # ventricles, atria, great vessels
            heart + np.array(place) + rng.normal(0, 4, 3), np.array(extent) * rng.uniform(0.85, 1.2, 3),
            rotation=rotations.about_y(rng.normal(0.5, 0.2)), material=SOFT_TISSUE, amount=rng.uniform(0.1, 0.4),
            motion=motion.organ(1.0, 0.5),
        )  # fmt: skip
    spine = middle + np.array([rng.normal(0, 4), 62.0 + rng.normal(0, 5), 0.0])
    skeleton.add_spine(layer, rng, centre=spine, height_mm=rng.uniform(23, 29), width_mm=rng.uniform(30, 40))
    skeleton.add_ribs(
        layer, rng, spine=spine, half_width=half_width * 0.9, half_depth=half_depth * 0.86, motion=motion.organ(-0.15)
    )
    aorta = np.array(
        [[22.0, 48, -200], [20, 48, -80], [18, 46, 0], [14, 40, 60], [4, 18, 86], [-12, -4, 76], [-16, -8, 30]]
    )
    _add_soft_tube(layer, aorta, rng.uniform(9, 13), amount=rng.uniform(0.1, 0.4))
    _add_soft_tube(layer, np.array([[-12.0, 30, 300], [-10, 30, 150], [-8, 30, 82]]), 8.0, amount=-0.9)


def _add_lungs(
    layer: Layer, motion: Motion, rng: np.random.Generator, middle: Array, half_width: float, half_depth: float
) -> None:
    density = -rng.uniform(0.5, 0.8)
    move = motion.organ(1.0)
    for side in (-1.0, 1.0):
        for _ in range(3):  # lobes: their borders soften the mediastinum's
            centre = middle + np.array([side * half_width * 0.5 + 6, 8.0, 45.0]) + rng.normal(0, 1, 3) * [9, 12, 30]
            semi_axes = np.array([half_width * 0.42, half_depth * 0.74, 140.0]) * rng.uniform(0.8, 1.15, 3)
            turn = rotations.about_y(rng.normal(0, 0.12))
            layer.add_ellipsoid(centre, semi_axes, rotation=turn, material=SOFT_TISSUE, amount=density / 3)
        top = rng.uniform(-75, -30) - (0 if side < 0 else 12)
        semi_axes = np.array([half_width * rng.uniform(0.5, 0.62), half_depth * 0.9, rng.uniform(100, 140)])
        dome = middle + np.array([side * half_width * 0.5, -6, top - semi_axes[2]])
        layer.add_ellipsoid(dome, semi_axes, material=SOFT_TISSUE, amount=-density * rng.uniform(0.4, 0.8), motion=move)
        hilum = middle + np.array([side * 26.0 + 8, 25.0, 15.0])
        for direction in ([side, -0.3, 0.9], [side, 0.3, -0.2], [side, 0.0, -1.0]):
            add_vessel_tree(
                layer, rng, hilum + rng.normal(0, 8, 3), np.array(direction), radius=rng.uniform(3, 5), length=36.0,
                amount=1.0, material=SOFT_TISSUE, motion=motion.organ(0.7), depth=4,
            )  # fmt: skip


def add_abdomen(layer: Layer, motion: Motion, rng: np.random.Generator) -> None:
    """Abdomen and pelvis around the lumbar spine."""
    half_width, half_depth = rng.uniform(85, 170), rng.uniform(70, 120)
    layer.add_ellipsoid([rng.normal(0, 10), 0, 0], [half_width, half_depth, 600], material=SOFT_TISSUE)
    spine = np.array([rng.normal(0, 6), 40.0, 0.0])
    skeleton.add_spine(layer, rng, centre=spine, height_mm=rng.uniform(22, 36), width_mm=rng.uniform(26, 48))
    pelvis = rng.uniform(-260, -60)
    for side in (-1.0, 1.0):
        wing = spine + np.array([side * 70.0, -4.0, pelvis])
        turn = rotations.about_y(side * rng.uniform(0.35, 0.6))
        layer.add_ellipsoid(wing, [11, 30, 66], rotation=turn, material=BONE, amount=0.12)
        rim = wing + (np.stack([np.cos(a := np.linspace(0.4, 2.9, 30)) * side * 48, 0 * a, np.sin(a) * 60], axis=1))
        skeleton.add_bone(layer, rim, 4.0, cortex=0.4)
        psoas = spine + np.array([[side * 22.0, -10, 110], [side * 34, -12, 0], [side * 58, -14, -150]])
        _add_soft_tube(layer, psoas, 16.0, amount=0.12)
    move = motion.organ(0.8)
    for _ in range(rng.integers(3, 9)):
        at = rng.uniform([-100, -50, -140], [100, 10, 140])
        size = np.exp(rng.uniform(np.log(14), np.log(55), 3))
        amount = rng.uniform(-0.1, 0.18)
        turn = rotations.any_rotation(rng)
        layer.add_ellipsoid(at, size, material=SOFT_TISSUE, amount=amount, rotation=turn, motion=move)
    for _ in range(rng.integers(2, 9)):
        _add_bowel_gas(layer, rng, motion.organ(0.6))
    if rng.random() < 0.6:
        _add_stool(layer, rng)


def _add_bowel_gas(layer: Layer, rng: np.random.Generator, motion: MotionField) -> None:
    """A gas-filled piece of bowel with haustra."""
    path = curves.meander(rng, field_mm=rng.uniform(60, 140), depth_mm=10.0, minimum_radius_mm=20.0, step_mm=3.0)
    path += rng.uniform([-90, -50, -130], [90, 0, 130]) - path.mean(0)
    path = path[: int(rng.integers(6, max(7, len(path))))]
    place = np.arange(len(path))
    haustra = 1 + rng.uniform(0.05, 0.35) * np.sin(place * rng.uniform(0.5, 1.2)) + rng.normal(0, 0.08, len(path))
    ends = np.sqrt(np.minimum(1, (0.5 + np.minimum(place, place[::-1])) / 4))
    layer.add_curve(path, motion)
    radius = rng.uniform(4, 14) * haustra * ends
    layer.add_shell(-rng.uniform(0.2, 0.8), outer=radius, inner=0, material=SOFT_TISSUE)


def _add_stool(layer: Layer, rng: np.random.Generator) -> None:
    """Faeces: a cloud of small bubbles."""
    middle = rng.uniform([-80, -40, -120], [80, 0, 120])
    size = rng.uniform(12, 32, 3)
    for _ in range(int(rng.integers(80, 220))):
        at = middle + rng.standard_normal(3) * size
        layer.add_ellipsoid(at, np.full(3, rng.uniform(1.0, 3.2)), material=SOFT_TISSUE, amount=-rng.uniform(0.3, 1.0))


def add_head(layer: Layer, motion: Motion, rng: np.random.Generator) -> None:
    """Skull with its base, air cells and sutures, and the cervical spine."""
    size = np.array([72.0, 92.0, 82.0]) * rng.uniform(0.92, 1.08)
    centre = np.array([0.0, 6.0, 28.0]) + rng.normal(0, 6, 3)
    layer.add_ellipsoid(centre, size, material=SOFT_TISSUE)
    layer.add_ellipsoid([0, 12, -110], [58, 62, 90], material=SOFT_TISSUE, amount=0.9)
    wall = rng.uniform(3.5, 6.0)
    layer.add_ellipsoid(centre, size - 4, material=BONE, amount=0.55)
    layer.add_ellipsoid(centre, size - 4 - wall, material=BONE, amount=-0.55)
    base = centre + np.array([0.0, -4.0, -46.0])
    for side in (-1.0, 1.0):
        _add_side_of_head(layer, rng, base, side)
    for x, y, z, *semi_axes in _SINUSES:
        layer.add_ellipsoid(base + np.array([x, y, z]), semi_axes, material=SOFT_TISSUE, amount=-0.9)
    for angle in np.linspace(-1.2, 1.2, 14):  # teeth
        at = base + np.array([26 * np.sin(angle), -52 - 34 * np.cos(angle), -48.0])
        layer.add_ellipsoid(at, [2.6, 2.6, 9.0], material=BONE, amount=rng.uniform(0.4, 1.1))
    neck = np.array([0.0, 30.0, 0.0])
    skeleton.add_spine(layer, rng, centre=neck, height_mm=17.0, width_mm=19.0, top_mm=base[2] - 14)
    for x, y, z, width, depth, angle in _FOSSAE:
        slope = rotations.about_x(angle + rng.normal(0, 0.1))
        layer.add_ellipsoid(
            base + np.array([x, y, z]), [width, depth, 1.0], rotation=slope, material=BONE, amount=rng.uniform(0.3, 0.8)
        )
    for _ in range(rng.integers(1, 5)):  # grooves of meningeal vessels
        start = centre + np.array([rng.choice([-1, 1]) * size[0] * 0.9, rng.normal(0, 20), -20])
        add_vessel_tree(
            layer, rng, start, np.array([0, 0.3, 1.0]), radius=1.2, length=30.0, amount=-0.4, material=BONE, depth=3
        )


def _add_side_of_head(layer: Layer, rng: np.random.Generator, base: Array, side: float) -> None:
    """Petrous bone, orbit, jaw and air cells on one side (-1 or 1) of the skull's base."""
    petrous = base + np.array([[side * 8.0, 2, 0], [side * 30, 14, 2], [side * 52, 22, 0]])
    skeleton.add_bone(layer, petrous, rng.uniform(7, 10), cortex=0.7, marrow=0.28)
    layer.add_ellipsoid(base + np.array([side * 30, -62, 22]), [18, 14, 17], material=BONE, amount=-0.05)
    orbit = np.linspace(0, 2 * np.pi, 40)
    ring = (
        base
        + np.array([side * 31.0, -70, 22])
        + np.stack([20 * np.cos(orbit), 4 * np.sin(2 * orbit), 17 * np.sin(orbit)], axis=1)
    )
    skeleton.add_bone(layer, ring, 2.2, cortex=0.8)
    jaw = base + np.array([[side * 46.0, -10, -16], [side * 44, -16, -56], [side * 24, -66, -74], [0, -82, -76]])
    skeleton.add_bone(layer, jaw, 6.0, cortex=0.8, marrow=0.15)
    for _ in range(12):  # mastoid air cells
        cell = base + np.array([side * 52.0, 28, -10]) + rng.normal(0, 7, 3)
        layer.add_ellipsoid(cell, np.full(3, rng.uniform(1.5, 4)), material=BONE, amount=-0.12)


def add_phantom(layer: Layer, motion: Motion, rng: np.random.Generator) -> None:
    """A plastic model on a plate: near-flat, with tubes for vessels."""
    thickness = rng.uniform(40, 200)
    layer.add_ellipsoid([0, 60, 0], [4000, thickness / 2, 4000], material=SOFT_TISSUE)
    for _ in range(rng.integers(1, 6)):
        path = curves.meander(rng, field_mm=rng.uniform(120, 260), depth_mm=6.0, minimum_radius_mm=25.0, step_mm=3.0)
        radius, amount = rng.uniform(3, 14), rng.choice([-0.5, 0.35, 0.6]) * rng.uniform(0.3, 1)
        layer.add_tube(path, outer=radius, material=SOFT_TISSUE, amount=amount)
    for _ in range(rng.integers(0, 5)):
        at = rng.uniform([-80, 0, -80], [80, 30, 80])
        size = rng.uniform([4, 4, 4], [40, 6, 40])
        layer.add_ellipsoid(
            at, size, material=SOFT_TISSUE, amount=rng.uniform(-0.5, 0.9), rotation=rotations.about_y(rng.uniform(0, 3))
        )


def _add_soft_tube(layer: Layer, waypoints: Array, radius: float, *, amount: float) -> None:
    path = curves.spline_through(waypoints, max(radius / 3, 1.0))
    layer.add_tube(path, outer=radius, material=SOFT_TISSUE, amount=amount)


ANATOMIES: dict[str, Callable[[Layer, Motion, np.random.Generator], None]] = {
    "thorax": add_thorax,
    "abdomen": add_abdomen,
    "head": add_head,
    "phantom": add_phantom,
}
