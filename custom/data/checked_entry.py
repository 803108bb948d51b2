"""An entry of a datalist together with what was found out about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from custom.errors import InputError


@dataclass
class CheckedEntry:
    """One entry, where it stands, and the findings that checks leave on it.

    Args:
        source: the datalist.
        split: the entry's split.
        index: its position there.
        content: the entry with absolute paths; anything at all while its fields are unchecked.
        faults: what is wrong with it.
        warnings: what is odd but no fault.
        frame_size: rows and columns of its frame, once decoded.
        spacing: row and column spacing in mm and their plane, where known.
    """

    source: Path
    split: str
    index: int
    content: Any
    faults: list[InputError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    frame_size: tuple[int, int] | None = None
    spacing: tuple[float, float, str] | None = None

    @property
    def place(self) -> str:
        """Where the entry stands, such as `training[3]`."""
        return f"{self.split}[{self.index}]"

    def add_fault(self, key: str, problem: str, *, found: Any = None, expected: str | None = None) -> None:
        """Note what is wrong with one of its fields, such as `electrodes[2].x`."""
        place = f"{self.place}.{key}"
        self.faults.append(InputError(problem, source=self.source, field=place, found=found, expected=expected))
