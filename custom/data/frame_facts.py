"""What is known of each frame beside its labels, for numbers by group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from custom.data.datalist import BOX_KEYS, Entry, read_json
from custom.errors import InputError

SIMULATION_RECORD = "simulation.json"
FROM_LABELS = ("device", "device_count", "electrode_count", "electrode_distance")
Facts = dict[str, Any]
_EDGES = (0.25, 0.5, 0.75, 1.0)
_DISTANCES = ("0 to 0.25 sides", "0.25 to 0.5 sides", "0.5 to 0.75 sides", "0.75 to 1 side", "1 side or more")


def frame_facts(entries: Sequence[Entry], datalist: str | Path) -> list[Facts]:
    """Collect what frames can be grouped by.

    Args:
        entries: of one split.
        datalist: the file that they come from. A `simulation.json` beside it tells of simulated sequences.

    Returns:
        For each entry its texts and numbers by name, `device` (types of the catheters in view), `device_count`,
        `electrode_count` and `electrode_distance` (those that its electrodes have) where they are annotated, whatever
        the entry itself says under these four names, and what the simulator drew for its sequence (`procedure`,
        `dose_ngy`, `kvp`, ...).

    Raises:
        InputError: where the simulation's record cannot be read.
    """
    sequences = _simulated_sequences(Path(datalist).parent / SIMULATION_RECORD)
    return [_facts(entry, sequences.get(entry.get("sequence", ""), {})) for entry in entries]


def electrode_facts(entry: Entry) -> dict[str, list[Any]]:
    """Collect what electrodes can be grouped by.

    Returns:
        For each electrode of the entry the `device` that it belongs to, the type of its catheter, `None` where that is
        not annotated; and `electrode_distance`, how far away the nearest other one is, in sides of its own box.
    """
    types = {catheter["id"]: catheter["type"] for catheter in entry.get("catheters") or ()}
    electrodes = entry["electrodes"] or ()
    return {
        "device": [types.get(electrode.get("catheter")) for electrode in electrodes],
        "electrode_distance": _distances(electrodes),
    }


def _distances(electrodes: Sequence[Mapping[str, Any]]) -> list[str]:
    if not electrodes:
        return []
    boxes = np.array([[electrode[key] for key in BOX_KEYS] for electrode in electrodes])
    distance = cdist(boxes[:, :2], boxes[:, :2])
    np.fill_diagonal(distance, np.inf)
    sides = distance.min(axis=1) / boxes[:, 2:].mean(axis=1)
    return [_DISTANCES[number] for number in np.searchsorted(_EDGES, sides, side="right")]


def _simulated_sequences(path: Path) -> dict[str, Facts]:
    if not path.is_file():
        return {}
    try:
        return {record["sequence"]: record for record in read_json(path)["sequences"]}
    except (KeyError, TypeError) as error:
        raise InputError(
            "is no record of simulated sequences",
            source=path,
            expected="what catheter simulate writes",
            remedy="Move it to another folder, or simulate the data set again",
        ) from error


def _facts(entry: Entry, simulated: Mapping[str, Any]) -> Facts:
    given = {**simulated, **entry}.items()
    known: Facts = {key: value for key, value in given if _is_known(value) and key not in FROM_LABELS}
    if entry.get("catheters") is not None:
        known["device"] = sorted({catheter["type"] for catheter in entry["catheters"]})
        known["device_count"] = len(entry["catheters"])
    if entry["electrodes"] is not None:
        known["electrode_count"] = len(entry["electrodes"])
        known["electrode_distance"] = sorted(set(_distances(entry["electrodes"])))
    return known


def _is_known(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
