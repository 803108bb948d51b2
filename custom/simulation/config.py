"""The simulation's settings: every range in one YAML file, typed here; unknown or missing keys are refused."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from custom.errors import InputError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Range:
    """A uniform range."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """One number of the range."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogRange(Range):
    """A range whose logarithm is uniform; both ends are positive."""

    def draw(self, rng: np.random.Generator) -> float:
        """One number of the range."""
        return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))


@dataclass(frozen=True)
class Shares:
    """How the cases are divided; relative sizes."""

    training: float
    validation: float
    test: float


@dataclass(frozen=True)
class GeometryRanges:
    """C-arm distances in mm."""

    sid_mm: Range
    sod_mm: Range


@dataclass(frozen=True)
class MotionRanges:
    """Displacements in mm, rates per minute, frames per second."""

    breathing_mm: Range
    breaths_per_minute: Range
    heartbeat_mm: Range
    beats_per_minute: Range
    sway_mm: Range
    frames_per_second: tuple[float, ...]


@dataclass(frozen=True)
class DetectorRanges:
    """X-ray tube, scatter, blur and noise; docs/simulation.md explains each."""

    kvp: Range
    dose_ngy: LogRange
    scatter_to_primary: Range
    focal_blur_mm: Range
    detector_blur_mm: Range
    electronic_noise_photons: Range
    lag: Range
    native_matrix: LogRange
    tissue_texture: Range
    bone_texture: Range


@dataclass(frozen=True)
class DisplayRanges:
    """What a vendor makes of the detector's signal before anybody sees it."""

    mean: Range
    standard_deviation: Range
    harmonization: Range
    edge_enhancement: Range
    edge_scale_pixels: Range
    noise_kept: LogRange
    smoothing_pixels: Range
    vignetting: Range
    jpeg_probability: float
    jpeg_quality: Range


@dataclass(frozen=True)
class CollimatorRanges:
    """Edges of the irradiated field."""

    probability: float
    margin: Range
    blur_mm: Range
    round_probability: float
    black_probability: float


@dataclass(frozen=True)
class Procedure:
    """One kind of intervention: what is in view and from where."""

    share: float
    anatomy: str
    field_mm: LogRange
    primary_deg: Range
    secondary_deg: Range
    offset_mm: Range
    device_counts: tuple[float, ...]
    devices: dict[str, float]
    look_alike_counts: tuple[float, ...]
    look_alikes: dict[str, float]
    contrast_probability: float
    free_route_share: float = 0.15


@dataclass(frozen=True)
class SimulationConfig:
    """Everything that a simulated data set draws from."""

    sequences_per_case: int
    shares: Shares
    geometry: GeometryRanges
    motion: MotionRanges
    detector: DetectorRanges
    display: DisplayRanges
    collimator: CollimatorRanges
    procedures: dict[str, Procedure]


def load_config(path: str | Path | None = None) -> SimulationConfig:
    """Read the settings.

    Args:
        path: a YAML file like `custom/simulation/simulation.yaml`, which is the default.

    Raises:
        InputError: the file cannot be read, or a key is unknown, missing or of the wrong form.
    """
    source = Path(path) if path is not None else _FOLDER / "simulation.yaml"
    return typing.cast(SimulationConfig, _parse(SimulationConfig, read_yaml(source), str(source), ""))


def read_yaml(path: Path) -> Any:
    """The content of a YAML file.

    Raises:
        InputError: the file is absent or not YAML.
    """
    try:
        return yaml.safe_load(path.read_text())
    except OSError as error:
        raise InputError("cannot be read", source=path, found=error.strerror) from error
    except yaml.YAMLError as error:
        raise InputError("is not YAML", source=path, found=str(error)) from error


def _parse(kind: Any, value: Any, source: str, field: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, Range):
        return _parse_range(kind, value, source, field)
    if dataclasses.is_dataclass(kind):
        return _parse_fields(kind, value, source, field)
    origin = typing.get_origin(kind)
    if origin is dict:
        return _parse_mapping(typing.get_args(kind)[1], value, source, field)
    if origin is tuple:
        items = _require(value, list, "a list", source, field)
        return tuple(_parse(typing.get_args(kind)[0], item, source, f"{field}[{i}]") for i, item in enumerate(items))
    if isinstance(kind, types.UnionType):
        return None if value is None else _parse(typing.get_args(kind)[0], value, source, field)
    if kind is float:
        return float(_require(value, (int, float), "a number", source, field))
    return _require(value, kind, f"of type {kind.__name__}", source, field)


def _require(value: Any, kind: Any, expected: str, source: str, field: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InputError("has the wrong form", source=source, field=field, found=value, expected=expected)
    return value


def _parse_range(kind: type[Range], value: Any, source: str, field: str) -> Range:
    expected = "[low, high] with low <= high" + (" and low > 0" if kind is LogRange else "")
    numbers = isinstance(value, list) and len(value) == 2 and all(isinstance(item, (int, float)) for item in value)
    if not numbers or value[0] > value[1] or (kind is LogRange and value[0] <= 0):
        raise InputError("is not a range", source=source, field=field, found=value, expected=expected)
    return kind(float(value[0]), float(value[1]))


def _parse_mapping(kind: Any, value: Any, source: str, field: str) -> dict[str, Any]:
    mapping = _require(value, dict, "a mapping", source, field)
    return {str(name): _parse(kind, item, source, f"{field}.{name}".lstrip(".")) for name, item in mapping.items()}


def _parse_fields(kind: Any, value: Any, source: str, field: str) -> Any:
    mapping = _require(value, dict, "a mapping", source, field)
    hints = typing.get_type_hints(kind)
    required = {
        item.name
        for item in dataclasses.fields(kind)
        if item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    }
    for problem, names in (("unknown keys", set(mapping) - set(hints)), ("missing keys", required - set(mapping))):
        if names:
            known = ", ".join(hints)
            found = ", ".join(sorted(map(str, names)))
            raise InputError(problem, source=source, field=field or None, found=found, expected=f"the keys {known}")
    return kind(
        **{name: _parse(hints[name], item, source, f"{field}.{name}".lstrip(".")) for name, item in mapping.items()}
    )


@dataclass(frozen=True)
class Device:
    """One kind of catheter or wire; lengths in mm, diameters in French (1 F = 1/3 mm)."""

    type: str
    route: tuple[str, ...]
    diameter_french: Range
    minimum_radius_mm: float
    filler: Range = Range(0.0, 0.0)
    braid_mm: Range = Range(0.0, 0.0)
    core_mm: Range = Range(0.0, 0.0)
    tip_length_mm: Range = Range(0.0, 0.0)
    tip_core_mm: Range = Range(0.0, 0.0)
    ring_length_mm: Range = Range(0.0, 0.0)
    ring_wall_mm: Range = Range(0.0, 0.0)
    ring_gaps_mm: tuple[tuple[float, ...], ...] = ()
    marker_length_mm: float = 0.0
    coil_lengths_mm: tuple[float, ...] = ()
    shape: str = "straight"
    loop_diameter_mm: Range = Range(0.0, 0.0)
    arms: int = 0


@cache
def load_devices() -> dict[str, Device]:
    """The table of devices, `custom/simulation/devices.yaml`, by name."""
    path = _FOLDER / "devices.yaml"
    return typing.cast(dict[str, Device], _parse(dict[str, Device], read_yaml(path), str(path), ""))
