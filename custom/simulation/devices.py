"""Catheters and wires in the scene: a curve, the walls along it, and where its electrodes are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from custom.simulation import curves
from custom.simulation.device_table import Device
from custom.simulation.materials import FILLER, PLATINUM, STEEL
from custom.simulation.motion import Motion
from custom.simulation.scene import Array, DeviceLabels, LabelledCurve, LabelledElectrode, Layer, MotionField
from custom.simulation.typed_yaml import read_yaml

_FRENCH_MM = 1 / 3


@dataclass(frozen=True)
class Section:
    """A stretch of a device from its tip, in mm, with what is wound or mounted there."""

    start_mm: float
    stop_mm: float
    kind: str

    def coverage(self, count: int, step_mm: float) -> Array:
        """Share (count,) of each sample's stretch that lies in the section."""
        centres = np.arange(count) * step_mm
        overlap = np.minimum(centres + step_mm / 2, self.stop_mm) - np.maximum(centres - step_mm / 2, self.start_mm)
        return np.asarray(np.clip(overlap / step_mm, 0, 1))


@dataclass(frozen=True)
class Build:
    """One specimen of a device: its table's ranges, drawn."""

    radius_mm: float
    filler: float
    braid_mm: float
    core_radius_mm: float
    ring_wall_mm: float
    sections: tuple[Section, ...]

    @classmethod
    def draw(cls, device: Device, rng: np.random.Generator) -> Build:
        """Draw a specimen."""
        return cls(
            radius_mm=device.diameter_french.draw(rng) * _FRENCH_MM / 2,
            filler=device.filler.draw(rng),
            braid_mm=device.braid_mm.draw(rng),
            core_radius_mm=device.core_mm.draw(rng) / 2,
            ring_wall_mm=device.ring_wall_mm.draw(rng),
            sections=tuple(_sections(device, rng)),
        )


def _sections(device: Device, rng: np.random.Generator) -> list[Section]:
    position = device.tip_length_mm.draw(rng)
    sections = [Section(0.0, position, "tip")] if position > 0 else []
    ring = device.ring_length_mm.draw(rng)
    if device.ring_gaps_mm:
        gaps = device.ring_gaps_mm[int(rng.integers(len(device.ring_gaps_mm)))]
        if not sections:  # no tip: the first electrode is a ring
            gaps = (1.0, *gaps)
        for gap in gaps:
            sections.append(Section(position + gap, position + gap + ring, "ring"))
            position += gap + ring
    if device.marker_length_mm:
        sections.append(Section(0.8, 0.8 + device.marker_length_mm, "marker"))
    if device.tip_core_mm.high > 0:
        sections.append(Section(0.0, device.tip_core_mm.draw(rng), "tip_coil"))
    if device.coil_lengths_mm:
        sections.append(Section(position + 3, position + 3 + device.coil_lengths_mm[0], "coil"))
        distance = rng.uniform(90, 130)
        sections.append(Section(position + distance, position + distance + device.coil_lengths_mm[-1], "coil"))
    return sections


def add_device(
    layer: Layer, labels: DeviceLabels, device: Device, *, anatomy: str, field_mm: float, step_mm: float,
    motion: Motion, free_share: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Put one device into the scene and into the labels.

    Args:
        layer: the layer of the devices.
        labels: grows by the device's type, curves and electrodes.
        device: its row of the table.
        anatomy: which routes there are.
        field_mm: longest side of the field of view at the isocentre.
        step_mm: distance of the samples along the curve.
        motion: the sequence's.
        free_share: probability that it meanders instead of taking its route.
        rng: where the randomness comes from.
    """
    shaft = _shaft(device, anatomy, field_mm, free_share, rng)
    field = motion.device(rng, in_heart=anatomy == "thorax")
    build = Build.draw(device, rng)
    catheter = len(labels.types)
    labels.types.append(device.type)
    if device.shape == "star":
        _add_star(layer, labels, device, build, shaft, catheter, step_mm, field, rng)
        return
    if device.shape == "loop":
        shaft = _with_loop(device, build, shaft, rng)
    _add_along(layer, labels, build, curves.resampled(shaft, step_mm), catheter, step_mm, field)


def _add_star(
    layer: Layer, labels: DeviceLabels, device: Device, build: Build, shaft: Array, catheter: int, step_mm: float,
    field: MotionField, rng: np.random.Generator,
) -> None:  # fmt: skip
    bare = Build(build.radius_mm, build.filler, build.braid_mm, 0.0, build.ring_wall_mm, ())
    _add_along(layer, labels, bare, curves.resampled(shaft, step_mm), catheter, step_mm, field)
    direction = _direction(shaft)
    side, up = curves.perpendiculars(direction, rng)
    length = build.sections[-1].stop_mm + rng.uniform(1.0, 4.0)
    spread = rng.uniform(1.2, 2.0)
    spline = Build(0.5, build.filler * 0.5, 0.02, 0.15, build.ring_wall_mm, build.sections)
    first = rng.uniform(0, 2 * np.pi)
    for arm in range(device.arms):
        angle = first + 2 * np.pi * arm / device.arms + rng.normal(0, 0.15)
        sideways = np.cos(angle) * side + np.sin(angle) * up
        points = curves.arm_at(shaft[0], direction, sideways, length_mm=length, spread=spread + rng.normal(0, 0.1))
        _add_along(
            layer, labels, spline, curves.resampled(points, step_mm), catheter, step_mm, field,
            first_pole=arm * len(build.sections),
        )  # fmt: skip


def _shaft(device: Device, anatomy: str, field_mm: float, free_share: float, rng: np.random.Generator) -> Array:
    routes = [route for name in device.route for route in load_routes().get(anatomy, {}).get(name, [])]
    if not routes or rng.random() < free_share:
        return curves.meander(rng, field_mm=field_mm, depth_mm=18.0, minimum_radius_mm=device.minimum_radius_mm)
    waypoints = np.array(routes[int(rng.integers(len(routes)))], dtype=float)
    moved = waypoints[:, :3] + rng.standard_normal((len(waypoints), 3)) * waypoints[:, 3:] * 0.6
    return curves.limited_curvature(curves.spline_through(moved)[::-1], device.minimum_radius_mm)


def _with_loop(device: Device, build: Build, shaft: Array, rng: np.random.Generator) -> Array:
    """The shaft with a loop ahead, long enough for its electrodes."""
    radius = device.loop_diameter_mm.draw(rng) / 2
    turns = max(rng.uniform(0.8, 1.15), (build.sections[-1].stop_mm + 2) / (2 * np.pi * radius))
    loop = curves.loop_at(shaft[0], _direction(shaft), radius_mm=radius, turns=min(turns, 1.6), rng=rng)
    whole = curves.resampled(np.concatenate([loop[::-1], shaft]), 0.5)
    return curves.limited_curvature(whole, 4.0)


def _direction(shaft: Array) -> Array:
    """Unit vector in which the shaft's tip points."""
    vector = shaft[0] - shaft[min(4, len(shaft) - 1)]
    return np.asarray(vector / np.linalg.norm(vector))


def _add_along(
    layer: Layer, labels: DeviceLabels, build: Build, points: Array, catheter: int, step_mm: float, field: MotionField,
    *, first_pole: int = 0,
) -> None:  # fmt: skip
    start = layer.add_curve(points, field)
    count = len(points)
    labels.curves.append(LabelledCurve(catheter, start, start + count, max(build.radius_mm, build.core_radius_mm)))
    _add_shaft(layer, start, count, build)
    pole = first_pole
    for section in build.sections:
        _add_section(layer, start, section.coverage(count, step_mm), section.kind, build)
        if section.kind in ("tip", "ring") and section.stop_mm < (count - 2) * step_mm:
            point = start + (section.start_mm + section.stop_mm) / 2 / step_mm
            length = section.stop_mm - section.start_mm
            labels.electrodes.append(LabelledElectrode(catheter, pole, section.kind, point, length, build.radius_mm))
            pole += 1


def _add_shaft(layer: Layer, start: int, count: int, build: Build) -> None:
    radius = build.radius_mm
    if build.filler > 0:
        layer.add_shell(start, build.filler, outer=radius, inner=0.5 * radius, material=FILLER, count=count)
    if build.braid_mm > 0:
        middle = 0.8 * radius
        layer.add_shell(
            start,
            1.0,
            outer=middle + build.braid_mm / 2,
            inner=middle - build.braid_mm / 2,
            material=STEEL,
            count=count,
        )
    if build.core_radius_mm > 0:
        layer.add_shell(start, 1.0, outer=build.core_radius_mm, inner=0.0, material=STEEL, count=count)


def _add_section(layer: Layer, start: int, coverage: Array, kind: str, build: Build) -> None:
    outer, wall = build.radius_mm, build.ring_wall_mm
    walls: dict[str, Any] = {
        "tip": (outer, 0.35 * outer, PLATINUM, 1.0),
        "ring": (outer, outer - wall, PLATINUM, 1.0),
        "marker": (outer, outer - wall, PLATINUM, 1.0),
        "tip_coil": (outer, max(outer - 0.06, build.core_radius_mm), PLATINUM, 0.7),
        "coil": (outer, outer - 0.3, PLATINUM, 0.45),
    }
    outer, inner, material, density = walls[kind]
    layer.add_shell(start, coverage * density, outer=outer, inner=inner, material=material)


@cache
def load_routes() -> dict[str, Any]:
    """Waypoints by anatomy and route, `custom/simulation/routes.yaml`."""
    routes: dict[str, Any] = read_yaml(Path(__file__).parent / "routes.yaml")
    return routes
