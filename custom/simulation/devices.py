"""Catheters and wires in the scene: which way they take, and what they are there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from custom.simulation import curves
from custom.simulation.build import Build, Workbench
from custom.simulation.device_table import Device, load_devices
from custom.simulation.motion import Motion
from custom.simulation.scene import Array, MotionField
from custom.typed_yaml import read_yaml

# By anatomy and name, the variants of a route: waypoints x, y, z and jitter in mm, from the entry to the tip.
Routes = dict[str, dict[str, list[list[list[float]]]]]
_ARM_RADIUS_MM = 0.5
_ARM_CORE_RADIUS_MM = 0.15


@dataclass(frozen=True)
class Region:
    """Where devices go.

    Args:
        anatomy: which routes there are.
        field_mm: longest side of the field of view at the isocentre.
        free_share: probability that a device meanders instead of taking its route.
        motion: the sequence's.
    """

    anatomy: str
    field_mm: float
    free_share: float
    motion: Motion


def add_device(bench: Workbench, device: Device, region: Region, rng: np.random.Generator) -> None:
    """Put a device into the scene and its labels, with what runs inside it and out of its tip."""
    inside = _draw_inside(device, rng)
    shaft = _shaft(device, min(item.minimum_radius_mm for item in (device, *inside)), region, rng)
    field = region.motion.device(shaft[0], rng, in_heart=region.anatomy == "thorax")
    for item in reversed((device, *inside)):
        _add_one(bench, item, shaft, field, rng)
        shaft = shaft[int(rng.uniform(0.05, 0.5) * len(shaft)) :]


def _draw_inside(device: Device, rng: np.random.Generator) -> tuple[Device, ...]:
    """What runs inside a device, from the outside inwards."""
    if not device.inside or rng.random() > device.inside_share:
        return ()
    inner = load_devices()[device.inside[int(rng.integers(len(device.inside)))]]
    return (inner, *_draw_inside(inner, rng))


def _add_one(bench: Workbench, device: Device, shaft: Array, field: MotionField, rng: np.random.Generator) -> None:
    build = Build.draw(device, rng)
    catheter = bench.new_catheter(device.type)
    if device.shape == "star":
        _add_star(bench, device, build, shaft, catheter, field, rng)
    elif device.shape == "loop":
        bench.add(build, _with_loop(device, build, shaft, rng), field, catheter)
    else:
        bench.add(build, shaft, field, catheter)


def _add_star(
    bench: Workbench, device: Device, build: Build, shaft: Array, catheter: int, field: MotionField,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    bench.add(replace(build, sections=()), shaft, field, catheter)
    arm_build = replace(
        build, radius_mm=_ARM_RADIUS_MM, filler=0.5 * build.filler, braid_mm=0.02, core_radius_mm=_ARM_CORE_RADIUS_MM
    )
    direction = _direction(shaft)
    side, up = curves.perpendiculars(direction, rng)
    length = build.sections[-1].stop_mm + rng.uniform(1.0, 4.0)
    spread, first = rng.uniform(1.2, 2.0), rng.uniform(0, 2 * np.pi)
    for arm in range(device.arms):
        angle = first + 2 * np.pi * arm / device.arms + rng.normal(0, 0.15)
        sideways = np.cos(angle) * side + np.sin(angle) * up
        points = curves.arm_at(shaft[0], direction, sideways, length_mm=length, spread=spread + rng.normal(0, 0.1))
        bench.add(arm_build, points, field, catheter, first_pole=arm * len(build.sections))


def _shaft(device: Device, minimum_radius_mm: float, region: Region, rng: np.random.Generator) -> Array:
    routes = [route for name in device.route for route in load_routes().get(region.anatomy, {}).get(name, [])]
    if not routes or rng.random() < region.free_share:
        return curves.meander(rng, field_mm=region.field_mm, depth_mm=18.0, minimum_radius_mm=minimum_radius_mm)
    waypoints = np.array(routes[int(rng.integers(len(routes)))], dtype=float)
    moved = waypoints[:, :3] + rng.standard_normal((len(waypoints), 3)) * waypoints[:, 3:] * 0.6
    return curves.limited_curvature(curves.spline_through(moved)[::-1], minimum_radius_mm)


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


@cache
def load_routes() -> Routes:
    """The routes in `custom/simulation/routes.yaml`."""
    routes: Routes = read_yaml(Path(__file__).parent / "routes.yaml")
    return routes
