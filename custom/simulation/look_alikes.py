"""What looks like a catheter or an electrode and is none: never labelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from custom.simulation import curves, rotations
from custom.simulation.materials import FILLER, STEEL
from custom.simulation.motion import Motion
from custom.simulation.scene import Array, Layer


@dataclass(frozen=True)
class Place:
    """Where a look-alike may be: the field of view's side at the isocentre and the sampling, in mm."""

    field_mm: float
    step_mm: float
    motion: Motion

    def anywhere(self, rng: np.random.Generator, y: float) -> Array:
        """A point of the field of view at depth y."""
        x, z = rng.uniform(-0.5, 0.5, 2) * self.field_mm
        return np.array([x, y, z])


def add_ecg_lead(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """A cable on the skin, often with the snap electrode that it ends in."""
    points = curves.meander(rng, field_mm=place.field_mm, depth_mm=3.0, minimum_radius_mm=25.0)
    points[:, 1] -= 100
    radius = rng.uniform(0.25, 0.7)
    layer.add_tube(curves.resampled(points, place.step_mm), outer=radius, material=STEEL, amount=rng.uniform(0.1, 0.5))
    if rng.random() < 0.7:
        _add_snap(layer, points[0], rng)


def _add_snap(layer: Layer, at: Array, rng: np.random.Generator) -> None:
    radius = rng.uniform(3.0, 5.5)
    layer.add_ellipsoid(at, [radius, 0.7, radius], material=STEEL, amount=rng.uniform(0.2, 1.0))
    layer.add_ellipsoid(at, [0.5 * radius, 1.2, 0.5 * radius], material=STEEL, amount=rng.uniform(-0.3, 1.0))


def add_ecg_patch(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """A faint adhesive patch with its conductor."""
    at = place.anywhere(rng, -105)
    half_width, half_height = rng.uniform(15, 60, 2)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * [half_width, half_height]
    outline = at + np.stack([corners[:, 0], np.zeros(5), corners[:, 1]], axis=1)
    outline = curves.limited_curvature(curves.resampled(outline, 1.0), 8.0)
    layer.add_tube(curves.resampled(outline, place.step_mm), outer=0.8, material=STEEL, amount=rng.uniform(0.005, 0.05))
    layer.add_ellipsoid(at, [half_width, 0.8, half_height], material=STEEL, amount=rng.uniform(0.005, 0.03))
    _add_snap(layer, at, rng)


def add_sternal_wires(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """Twisted loops of steel wire, one above the other."""
    x = rng.normal(-10, 15)
    radius = rng.uniform(0.35, 0.5)
    for level in np.arange(rng.uniform(-80, -50), 90, rng.uniform(18, 28)):
        angle = np.linspace(-0.45 * np.pi, 1.45 * np.pi, 80)
        width, height = rng.uniform(7, 14), rng.uniform(2.5, 8)
        loop = np.stack([width * np.cos(angle), -80 + 6 * np.sin(angle), height * np.sin(angle) + level], axis=1)
        turn = np.linspace(0, rng.uniform(5, 14), 40)
        knot = np.stack([rng.uniform(0.5, 1.3) * np.sin(turn), 0 * turn, rng.uniform(-0.9, 0.9) * turn], axis=1)
        points = np.concatenate([loop, loop[-1] + knot]) @ rotations.about_y(-rng.normal(0, 0.2)) + [
            x + rng.normal(0, 2),
            0,
            0,
        ]
        layer.add_tube(curves.resampled(points, place.step_mm), outer=radius, material=STEEL)


def add_echo_probe(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """A transoesophageal probe: a thick flexible shaft with metal links and a solid head."""
    x = rng.normal(0, 10)
    bottom = rng.uniform(-70, 20)
    waypoints = np.array(
        [[x, 42.0, 200], [x + rng.normal(0, 5), 42, 90], [x, 40, bottom + 30], [x + rng.normal(0, 10), 36, bottom]]
    )
    points = curves.resampled(curves.spline_through(waypoints)[::-1], place.step_mm * 2)
    layer.add_curve(points, place.motion.organ(0.3, 0.2))
    distance = np.arange(len(points)) * place.step_mm * 2
    layer.add_shell(0.35, outer=5.0, inner=4.7, material=STEEL)
    links = (np.sin(distance * 2 * np.pi / rng.uniform(3.5, 6)) > 0) * (distance > 38) * (distance < 110) * 0.5
    layer.add_shell(links, outer=4.6, inner=3.9, material=STEEL)
    layer.add_shell(0.55 * (distance < 38), outer=5.5, inner=3.0, material=STEEL)
    layer.add_shell(1.0 * ((distance > 6) & (distance < 24)), outer=3.5, inner=0.0, material=STEEL)


def add_valve(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """A prosthetic heart valve: a metal ring, sometimes with a stent frame."""
    centre = place.motion.heart_centre + rng.normal(0, 18, 3)
    radius = rng.uniform(10, 15)
    angle = np.linspace(0, 2 * np.pi, 400)[:-1]
    side, up = curves.perpendiculars(_unit(rng.standard_normal(3)), rng)
    ring = centre + radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * up)
    field = place.motion.organ(1.0, 1.0)
    layer.add_tube(curves.resampled(ring, place.step_mm), outer=rng.uniform(0.5, 1.4), material=STEEL, motion=field)
    if rng.random() < 0.5:
        _add_mesh(layer, centre, np.cross(side, up), radius, rng.uniform(12, 30), 0.25, place, rng, cells=9)


def add_stent(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """A vessel's stent: a mesh of thin wires."""
    centre = place.anywhere(rng, rng.uniform(-30, 30))
    axis = _unit(rng.standard_normal(3) * [1, 0.3, 1])
    _add_mesh(
        layer, centre, axis, rng.uniform(1.2, 5), rng.uniform(12, 45), rng.uniform(0.05, 0.12), place, rng, cells=6
    )


def _add_mesh(
    layer: Layer, centre: Array, axis: Array, radius: float, length: float, wire: float, place: Place,
    rng: np.random.Generator, *, cells: int,
) -> None:  # fmt: skip
    side, up = curves.perpendiculars(axis, rng)
    for row in np.arange(-length / 2, length / 2, max(2.0, 1.2 * radius)):
        angle = np.linspace(0, 2 * np.pi, 24 * cells)
        zigzag = np.abs((angle * cells / np.pi) % 2 - 1) * max(2.0, 1.2 * radius)
        around = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * up
        points = centre + radius * around + (row + zigzag)[:, None] * axis
        layer.add_tube(
            curves.resampled(points, place.step_mm), outer=wire, material=STEEL, motion=place.motion.organ(0.8, 0.8)
        )


def add_clips(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """Surgical clips: short thick wires."""
    cluster = place.anywhere(rng, rng.uniform(-60, 60))
    for _ in range(int(rng.integers(1, 7))):
        at = cluster + rng.normal(0, 14, 3)
        arm = _unit(rng.standard_normal(3)) * rng.uniform(2.5, 5.0)
        opening = rng.normal(0, 0.6, 3)
        points = np.array([at - arm + opening, at + arm, at - arm - opening])
        layer.add_tube(curves.resampled(points, place.step_mm), outer=rng.uniform(0.35, 0.7), material=STEEL)


def add_table_edge(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """A straight edge of the table or of an arm board."""
    x = rng.uniform(-0.5, 0.5) * place.field_mm
    slope = rng.normal(0, 0.05)
    z = np.arange(-0.8, 0.8, 0.01)[:, None] * place.field_mm
    points = np.array([x, 130.0, 0]) + z * np.array([slope, 0, 1.0])
    radius = rng.uniform(1.0, 10.0)
    layer.add_tube(
        curves.resampled(points, place.step_mm * 3),
        outer=radius,
        material=STEEL,
        amount=rng.uniform(0.002, 0.02) * 3 / radius,
    )
    layer.add_tube(
        curves.resampled(points + np.array([radius * 0.7, 0, 0]), place.step_mm),
        outer=0.5,
        material=STEEL,
        amount=rng.uniform(0.0, 0.3),
    )


def add_gear(layer: Layer, place: Place, rng: np.random.Generator) -> None:
    """A machine part of a phantom's holder: a metal wheel with a hub and spokes, and a few screws."""
    at = place.anywhere(rng, 30)
    radius, rim = rng.uniform(7, 20), rng.uniform(1.2, 3.5)
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=1)
    for size, width in ((radius, rim), (rng.uniform(0.3, 0.5) * radius, rng.uniform(1.0, 3.0))):
        layer.add_tube(
            curves.resampled(at + size * circle, 1.0), outer=width, material=STEEL, amount=rng.uniform(0.2, 0.9)
        )
    for spoke in circle[:: int(rng.integers(40, 100))]:
        points = curves.resampled(np.stack([at + 0.35 * radius * spoke, at + radius * spoke]), place.step_mm)
        layer.add_tube(points, outer=rng.uniform(0.6, 2.0), material=STEEL, amount=rng.uniform(0.1, 0.5))
    for _ in range(int(rng.integers(0, 5))):
        screw = np.full(3, rng.uniform(1, 4))
        layer.add_ellipsoid(place.anywhere(rng, 30), screw, material=FILLER, amount=rng.choice([-0.15, 0.4]))


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


LOOK_ALIKES: dict[str, Callable[[Layer, Place, np.random.Generator], None]] = {
    "ecg_lead": add_ecg_lead,
    "ecg_patch": add_ecg_patch,
    "sternal_wires": add_sternal_wires,
    "echo_probe": add_echo_probe,
    "valve": add_valve,
    "stent": add_stent,
    "clips": add_clips,
    "table_edge": add_table_edge,
    "gear": add_gear,
}
