"""Tables on disk: Markdown for people, CSV for programs."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.files import replacing


def markdown_table(heading: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table, without a line's end behind it."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def number_cell(value: float | None, form: str) -> str:
    """Return a number as a cell of a table, empty where it is NaN or `None`."""
    return "" if value is None or math.isnan(value) else f"{value:{form}}"


def write_csv(path: str | Path, rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str] | None = None) -> None:
    """Write rows as CSV, as a whole or not at all; NaN and `None` stay empty.

    Args:
        path: the final path.
        rows: by name of the column.
        columns: their names in order; those of the first row by default.
    """
    names = columns if columns is not None else list(rows[0]) if rows else []
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({name: "" if value != value else value for name, value in row.items()} for row in rows)
