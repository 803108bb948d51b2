"""Changes to the settings that the command line offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from custom.errors import InputError
from custom.given_names import given_names
from custom.simulation.config import check_known
from custom.simulation.device_table import load_devices
from custom.simulation.limits import DOSE_NGY
from custom.simulation.ranges import SimulationConfig
from custom.typed_yaml import LogRange
from custom.values import is_number


def with_dose(config: SimulationConfig, dose_ngy: float | None) -> SimulationConfig:
    """The settings at one dose, in nGy a frame at the detector; unchanged for `None`.

    Raises:
        InputError: the dose is no number, or beyond what can be simulated.
    """
    if dose_ngy is None:
        return config
    least, most = DOSE_NGY
    if not is_number(dose_ngy) or not least <= dose_ngy <= most:
        expected = f"nGy a frame, {least:g} to {most:g}"
        raise InputError("is no dose", source="--dose", found=dose_ngy, expected=expected)
    return replace(config, detector=replace(config.detector, dose_ngy=LogRange(float(dose_ngy), float(dose_ngy))))


def with_devices(config: SimulationConfig, devices: str | Sequence[str] | None) -> SimulationConfig:
    """The settings with these devices only, all equally likely in every procedure; unchanged for `None`.

    Args:
        config: the settings.
        devices: names, in a list or separated by commas.

    Raises:
        InputError: a device is unknown.
    """
    if devices is None:
        return config
    names = given_names(devices)
    for name in names:
        check_known(name, load_devices(), "--devices")
    procedures = {
        key: replace(procedure, devices=dict.fromkeys(names, 1.0)) for key, procedure in config.procedures.items()
    }
    return replace(config, procedures=procedures)
