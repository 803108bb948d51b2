"""One specimen of a device: the walls along its curve and the electrodes on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custom.simulation import curves
from custom.simulation.device_table import Device
from custom.simulation.materials import FILLER, PLATINUM, STEEL
from custom.simulation.scene import Array, DeviceLabels, LabelledCurve, LabelledElectrode, Layer, MotionField

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


@dataclass(frozen=True)
class Workbench:
    """Where devices are put together: the scene's layer, its labels, and the distance of samples along curves."""

    layer: Layer
    labels: DeviceLabels
    step_mm: float

    def new_catheter(self, device_type: str) -> int:
        """The id of a new catheter."""
        self.labels.types.append(device_type)
        return len(self.labels.types) - 1

    def add(self, build: Build, curve: Array, field: MotionField, catheter: int, *, first_pole: int = 0) -> None:
        """Put a specimen along a curve (N, 3), tip first, into the scene and into the labels."""
        points = curves.resampled(curve, self.step_mm)
        start, count = self.layer.add_curve(points, field), len(points)
        radius = max(build.radius_mm, build.core_radius_mm)
        self.labels.curves.append(LabelledCurve(catheter, start, start + count, radius))
        _add_shaft(self.layer, build)
        for section in build.sections:
            _add_section(self.layer, section.coverage(count, self.step_mm), section.kind, build)
        end_mm = (count - 2) * self.step_mm
        electrodes = [item for item in build.sections if item.kind in ("tip", "ring") and item.stop_mm < end_mm]
        for pole, section in enumerate(electrodes, start=first_pole):
            point = start + (section.start_mm + section.stop_mm) / 2 / self.step_mm
            length = section.stop_mm - section.start_mm
            self.labels.electrodes.append(
                LabelledElectrode(catheter, pole, section.kind, point, length, build.radius_mm)
            )


def _add_shaft(layer: Layer, build: Build) -> None:
    radius = build.radius_mm
    if build.filler > 0:
        layer.add_shell(build.filler, outer=radius, inner=0.5 * radius, material=FILLER)
    if build.braid_mm > 0:
        middle, half = 0.8 * radius, build.braid_mm / 2
        layer.add_shell(1.0, outer=middle + half, inner=middle - half, material=STEEL)
    if build.core_radius_mm > 0:
        layer.add_shell(1.0, outer=build.core_radius_mm, inner=0.0, material=STEEL)


def _add_section(layer: Layer, coverage: Array, kind: str, build: Build) -> None:
    outer, wall = build.radius_mm, build.ring_wall_mm
    inner, density = {
        "tip": (0.35 * outer, 1.0),
        "ring": (outer - wall, 1.0),
        "marker": (outer - wall, 1.0),
        "tip_coil": (max(outer - 0.06, build.core_radius_mm), 0.7),
        "coil": (outer - 0.3, 0.45),
    }[kind]
    layer.add_shell(coverage * density, outer=outer, inner=inner, material=PLATINUM)
