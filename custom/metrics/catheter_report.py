"""An evaluation of catheters on disk: JSON, Markdown, and a CSV of the frames."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.files import write_text
from custom.metrics.catheter_labels import confidence_numbers, confusion
from custom.metrics.catheter_record import CatheterRecord
from custom.metrics.catheter_sequences import by_sequence
from custom.metrics.catheter_summary import summarize_catheters, summarize_frame
from custom.metrics.statistics import without_nan
from custom.tables import markdown_table, number_cell, write_csv

JSON_FILE, MARKDOWN_FILE, FRAMES_FILE = "catheters.json", "catheters.md", "catheter_frames.csv"


def write_catheter_report(records: Sequence[CatheterRecord], folder: Path, *, found_from: str) -> dict[str, Any]:
    """Write the report of an evaluation.

    Args:
        records: of whole sequences, frames in order.
        folder: where `catheters.json`, `catheters.md` and `catheter_frames.csv` go.
        found_from: what the catheters were found from, in words.

    Returns:
        The document in `catheters.json`; what is undefined is `None`.
    """
    document = {
        "found_from": found_from,
        "frames": len(records),
        "sequences": len(by_sequence(records)),
        "catheters": sum(len(record.true.catheters) for record in records),
        "hidden_catheters": sum(record.hidden for record in records),
        "electrodes": sum(len(record.true.electrodes) for record in records),
        "spacing_planes": sorted({record.true.spacing_plane for record in records if record.true.spacing_plane}),
        "metrics": without_nan(summarize_catheters(records)),
        "confidence": [without_nan(row) for row in confidence_numbers(records)],
        "types": confusion(records),
    }
    write_text(folder / JSON_FILE, json.dumps(document, indent=2, allow_nan=False) + "\n")
    write_text(folder / MARKDOWN_FILE, markdown(document))
    _write_frames(records, folder / FRAMES_FILE)
    return document


def markdown(document: Mapping[str, Any]) -> str:
    """The document of `write_catheter_report` for people: the numbers, and which types were taken for which."""
    counts = (
        "{frames} frames of {sequences} sequences with {electrodes} electrodes and {catheters} catheters "
        "({hidden_catheters} more lie on others)"
    )
    planes = " and ".join(document["spacing_planes"]) or "unknown"
    lines = [
        "# Catheters",
        "",
        f"{counts.format(**document)}; found from {document['found_from']}. Plane of millimetres: {planes}.",
        "",
        markdown_table(
            ("number", "value"), [(name, number_cell(value, ".4g")) for name, value in document["metrics"].items()]
        ),
        "",
        "## Confidence",
        "Catheters that were found, and the share of them that is there.",
        "",
        markdown_table(("confidence", "found", "there"), [_confidence_cells(row) for row in document["confidence"]]),
        "",
        "## Types",
        "True types in rows, found types in columns.",
        "",
        _confusion_table(document["types"]),
    ]
    return "\n".join(lines) + "\n"


def _confidence_cells(row: Mapping[str, float | None]) -> tuple[str, ...]:
    return f"{row['from']:.1f} to {row['to']:.1f}", str(row["found"]), number_cell(row["there"], ".4g")


def _confusion_table(types: Mapping[str, Mapping[str, int]]) -> str:
    names = sorted({name for row in types.values() for name in row})
    rows = [(true, *(str(row.get(name, "")) for name in names)) for true, row in types.items()]
    return markdown_table(("", *names), rows)


def _write_frames(records: Sequence[CatheterRecord], path: Path) -> None:
    rows = [
        {"sequence": record.true.source, "frame": record.true.frame_index, **summarize_frame(record)}
        for record in records
    ]
    write_csv(path, rows)
