"""The simulation's settings from a file, checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from custom.errors import InputError
from custom.simulation.anatomy import ANATOMIES
from custom.simulation.device_table import load_devices
from custom.simulation.limits import check_limits
from custom.simulation.look_alikes import LOOK_ALIKES
from custom.simulation.ranges import Procedure, SimulationConfig
from custom.typed_yaml import parse, read_yaml

DEFAULT = Path(__file__).parent / "simulation.yaml"


def load_config(path: str | Path | None = None) -> SimulationConfig:
    """Read the settings.

    Args:
        path: a YAML file like `custom/simulation/simulation.yaml`, which is the default.

    Raises:
        InputError: the file cannot be read, a key is unknown or missing, or a value is impossible.
    """
    source = Path(path) if path is not None else DEFAULT
    config: SimulationConfig = parse(SimulationConfig, read_yaml(source), str(source))
    if config.sequences_per_case < 1:
        raise InputError(
            "must be 1 or more", source=source, field="sequences_per_case", found=config.sequences_per_case
        )
    check_limits(config, source)
    _check_weights(list(dataclasses.astuple(config.shares)), source, "shares")
    _check_weights([procedure.share for procedure in config.procedures.values()], source, "procedures")
    for name, procedure in config.procedures.items():
        _check_procedure(procedure, source, f"procedures.{name}")
    return config


def _check_procedure(procedure: Procedure, source: Path, field: str) -> None:
    check_known(procedure.anatomy, ANATOMIES, source, f"{field}.anatomy")
    for device in procedure.devices:
        check_known(device, load_devices(), source, f"{field}.devices")
    for look_alike in procedure.look_alikes:
        check_known(look_alike, LOOK_ALIKES, source, f"{field}.look_alikes")
    _check_weights(list(procedure.device_counts), source, f"{field}.device_counts")
    _check_weights(list(procedure.devices.values()), source, f"{field}.devices")
    _check_weights(list(procedure.look_alike_counts), source, f"{field}.look_alike_counts")
    if len(procedure.look_alike_counts) > 1:
        _check_weights(list(procedure.look_alikes.values()), source, f"{field}.look_alikes")


def check_known(name: str, known: Iterable[str], source: str | Path, field: str | None = None) -> None:
    """Refuse a name that is none of the known ones.

    Raises:
        InputError: lists them.
    """
    if name not in known:
        raise InputError("unknown name", source=source, field=field, found=name, expected=f"one of {', '.join(known)}")


def _check_weights(weights: list[float], source: Path, field: str) -> None:
    if not weights or min(weights) < 0 or sum(weights) <= 0:
        expected = "numbers of 0 or more, one of them positive"
        raise InputError("are no weights", source=source, field=field, found=weights, expected=expected)
