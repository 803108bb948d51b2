"""What inference found, in a few lines for people."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from custom.postprocessing.result import FrameResult
from custom.results.names import readable_name


@dataclass
class FileSummary:
    """What was found in one input file.

    Attributes:
        source: the input's name.
        name: the results' name.
        promised: frames that the file says it holds.
        frames: frames that were read.
        electrodes: found on all frames together.
        types: of catheters, with the number of frames that show one.
        flags: with the number of frames that carry them.
    """

    source: str
    name: str
    promised: int
    frames: int = 0
    electrodes: int = 0
    types: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def add(self, result: FrameResult) -> None:
        """Count a frame."""
        self.frames += 1
        self.electrodes += len(result.electrodes)
        self.types.update({catheter.type for catheter in result.catheters})
        self.flags.update(result.flags)

    @property
    def complete(self) -> bool:
        """Whether every frame that the file promises was read."""
        return self.frames == self.promised


def summary_table(files: Sequence[FileSummary]) -> Table:
    """Make a table with a row for each file; where the results have another name, it stands below the file's."""
    table = Table(box=SIMPLE)
    table.add_column("file", no_wrap=True, overflow="fold")
    for heading in ("frames", "electrodes\na frame", "catheters\n(frames)", "flags\n(frames)"):
        table.add_column(heading, overflow="fold")
    for file in files:
        source = readable_name(file.source)
        name = _shown(source) if file.name == source else f"{_shown(source)}\n-> {_shown(file.name)}"
        frames = str(file.frames) if file.complete else f"{file.frames} of {file.promised}"
        electrodes = f"{file.electrodes / file.frames:.1f}"
        table.add_row(name, frames, electrodes, _counts(file.types), _counts(file.flags))
    return table


def _counts(counter: Counter[str]) -> str:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))  # the same in every run
    return ", ".join(f"{_shown(name).replace('_', ' ')} ({count})" for name, count in ordered)


def _shown(name: str) -> str:
    """A name without markup and on one line, since names of files and types may hold anything."""
    control = ("Cc", "Zl", "Zp")
    return escape("".join(repr(sign)[1:-1] if unicodedata.category(sign) in control else sign for sign in name))
