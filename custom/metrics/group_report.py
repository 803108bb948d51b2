"""Numbers of groups on disk: CSV for programs, Markdown for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from custom.files import write_text
from custom.metrics.frame_record import FrameRecord
from custom.metrics.groups import electrode_numbers, group_frames
from custom.metrics.summary import LEAST_PIECE_PIXELS, summarize
from custom.tables import markdown_table, number_cell, write_csv

TABLE_FILE, MARKDOWN_FILE = "groups.csv", "groups.md"
DEVICE, ELECTRODE_DISTANCE = "device", "electrode_distance"
Row = dict[str, Any]
SHOWN = {
    "frames": "frames",
    "electrodes": "electrodes",
    "J": "J",
    "AP50": "AP50",
    "recall_3px": "recall 3 px",
    "precision_3px": "precision 3 px",
    "recall_1mm": "recall 1 mm",
    "precision_1mm": "precision 1 mm",
    "recall_2mm": "recall 2 mm",
    "precision_2mm": "precision 2 mm",
    "error_median_mm": "median error (mm)",
    "error_p95_mm": "95 % of errors (mm)",
}
NOTES = {
    DEVICE: """\
Frames that show the device, and their J, which is of all devices in view; electrodes, recall and errors are those of
this device alone. A device without electrodes has its J only.""",
    ELECTRODE_DISTANCE: """\
Electrodes by the distance of the nearest other one on the frame, in sides of their own box: below half a side, shadows
overlap by more than half.""",
}


def group_rows(
    records: Sequence[FrameRecord],
    facts: Sequence[Mapping[str, Any]],
    electrode_facts: Sequence[Mapping[str, Sequence[str | None]]],
    *,
    keys: Sequence[str],
) -> list[Row]:
    """One row a group: `key`, `group`, `frames` and its numbers.

    Args:
        records: of the frames.
        facts: of each frame, as `custom.data.frame_facts` gives them.
        electrode_facts: of each frame, by name what each of its true electrodes is, as
            `custom.data.frame_facts.electrode_facts` gives them: numbers by one of these are those of the electrodes.
        keys: the facts that frames are grouped by.
    """
    rows = []
    for key in keys:
        for name, chosen in group_frames(facts, key).items():
            members = [records[index] for index in chosen]
            numbers = {"electrodes": sum(record.true_electrode_count or 0 for record in members)} | summarize(members)
            if key in electrode_facts[chosen[0]]:
                own = [np.array([fact == name for fact in electrode_facts[index][key]], dtype=bool) for index in chosen]
                of_frames = {"J": numbers["J"]} if key == DEVICE else {}
                numbers = of_frames | electrode_numbers(members, own)
            rows.append({"key": key, "group": name, "frames": len(members), **numbers})
    return rows


def write_groups(
    folder: Path, rows: Sequence[Row], records: Sequence[FrameRecord], *, keys: Sequence[str]
) -> list[Path]:
    """Write `groups.csv` and `groups.md`.

    Args:
        folder: where they go.
        rows: from `group_rows`.
        records: of all frames.
        keys: that were asked for; those that no frame has are named.

    Returns:
        What was written.
    """
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["key", "group", "frames"]
    write_csv(folder / TABLE_FILE, rows, columns=names)
    write_text(folder / MARKDOWN_FILE, _markdown(rows, records, keys))
    return [folder / TABLE_FILE, folder / MARKDOWN_FILE]


def _markdown(rows: Sequence[Row], records: Sequence[FrameRecord], keys: Sequence[str]) -> str:
    planes = " and ".join(sorted({record.spacing_plane for record in records if record.spacing_plane})) or "unknown"
    parts = ["# Groups of frames", f"{len(records)} frames. Plane of millimetres: {planes}."]
    for key in keys:
        members = [row for row in rows if row["key"] == key]
        parts += [f"## {key}", _table(members) if members else "Not known of any frame."]
        parts += [NOTES[key]] if members and key in NOTES else []
    return "\n\n".join([*parts, "## Frames without devices", _false_alarms(records)]) + "\n"


def _false_alarms(records: Sequence[FrameRecord]) -> str:
    empty = [record for record in records if record.shows_nothing]
    if not empty:
        return "There are none."
    numbers = summarize(empty)
    shares = {
        "an electrode": numbers["false_alarm_electrode"],
        f"a piece of mask of {LEAST_PIECE_PIXELS} pixels or more": numbers["false_alarm_mask"],
    }
    parts = [f"{what} on {share:.1%}" for what, share in shares.items() if not math.isnan(share)]
    return f"On {len(empty)} annotated frames nothing is there. There was found {' and '.join(parts)} of them."


def _table(rows: Sequence[Row]) -> str:
    """A table without the columns that are empty throughout."""
    cells = [{heading: _shown(row.get(name, math.nan)) for name, heading in SHOWN.items()} for row in rows]
    headings = [heading for heading in SHOWN.values() if any(row[heading] for row in cells)]
    lines = [[row["group"], *(cell[name] for name in headings)] for row, cell in zip(rows, cells, strict=True)]
    return markdown_table(["", *headings], lines)


def _shown(value: float) -> str:
    return str(value) if isinstance(value, int) else number_cell(value, ".3f")
