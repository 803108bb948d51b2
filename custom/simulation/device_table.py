"""The table of devices, `devices.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from custom.typed_yaml import Range, parse, read_yaml

NONE = Range(0.0, 0.0)


@dataclass(frozen=True)
class Device:
    """One kind of catheter or wire; lengths in mm, diameters in French (1 F = 1/3 mm)."""

    type: str
    route: tuple[str, ...]
    diameter_french: Range
    minimum_radius_mm: float
    filler: Range = NONE
    braid_mm: Range = NONE
    core_mm: Range = NONE
    tip_length_mm: Range = NONE
    tip_core_mm: Range = NONE
    ring_length_mm: Range = NONE
    ring_wall_mm: Range = NONE
    ring_gaps_mm: tuple[tuple[float, ...], ...] = ()
    marker_length_mm: float = 0.0
    coil_lengths_mm: tuple[float, ...] = ()
    shape: str = "straight"
    loop_diameter_mm: Range = NONE
    arms: int = 0
    inside: tuple[str, ...] = ()
    inside_share: float = 0.0


@cache
def load_devices() -> dict[str, Device]:
    """The table of devices, `custom/simulation/devices.yaml`, by name."""
    path = Path(__file__).parent / "devices.yaml"
    devices: dict[str, Device] = parse(dict[str, Device], read_yaml(path), str(path))
    return devices
