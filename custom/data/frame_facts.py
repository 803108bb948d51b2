"""What is known of each frame beside its labels, for numbers by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.data.datalist import Entry, read_json

SIMULATION_RECORD = "simulation.json"
Facts = dict[str, Any]


def frame_facts(entries: Sequence[Entry], datalist: str | Path) -> list[Facts]:
    """Collect what frames can be grouped by.

    Args:
        entries: of one split.
        datalist: the file that they come from. A `simulation.json` beside it tells of simulated sequences.

    Returns:
        For each entry its texts and numbers by name, `device` (types of the catheters in view), `device_count` and
        `electrode_count` where they are annotated, and what the simulator drew for its sequence (`procedure`,
        `dose_ngy`, `kvp`, ...).

    Raises:
        InputError: where the simulation's record cannot be read.
    """
    sequences = _simulated_sequences(Path(datalist).parent / SIMULATION_RECORD)
    return [_facts(entry, sequences.get(entry.get("sequence", ""), {})) for entry in entries]


def electrode_devices(entry: Entry) -> list[str | None]:
    """The type of the catheter that each electrode of an entry belongs to; `None` where it is not annotated."""
    types = {catheter["id"]: catheter["type"] for catheter in entry.get("catheters") or ()}
    return [types.get(electrode.get("catheter")) for electrode in entry["electrodes"] or ()]


def _simulated_sequences(path: Path) -> dict[str, Facts]:
    return {record["sequence"]: record for record in read_json(path)["sequences"]} if path.is_file() else {}


def _facts(entry: Entry, simulated: Mapping[str, Any]) -> Facts:
    known: Facts = {key: value for key, value in {**simulated, **entry}.items() if isinstance(value, str | int | float)}
    if entry.get("catheters") is not None:
        known["device"] = sorted({catheter["type"] for catheter in entry["catheters"]})
        known["device_count"] = len(entry["catheters"])
    if entry["electrodes"] is not None:
        known["electrode_count"] = len(entry["electrodes"])
    return known
