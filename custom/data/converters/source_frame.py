"""What every converter gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class SourceFrame:
    """One frame of another layout.

    Args:
        name: its name in the source; the mask is written under it, with a number where an earlier frame has it too.
        image: its file.
        case: patient or procedure; the frame's own name where the layout tells none.
        read_mask: gives the mask, (rows, columns) bool; `None` where none is annotated.
        mask_file: the file that it comes from, where the layout has one.
        electrodes: as in a datalist; `None` where none are annotated.
        split: the split that the layout itself puts it into; `None` where it has none.
        more: further fields of its entry.
    """

    name: str
    image: Path
    case: str
    read_mask: Callable[[], np.ndarray] | None = None
    mask_file: Path | None = None
    electrodes: list[dict[str, Any]] | None = None
    split: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conversion:
    """The frames of a source, and what its user should know about them.

    Args:
        frames: in order.
        remarks: what was taken as what, and what is left out.
        about_cases: what is taken as a case, where that may not be a patient.
    """

    frames: list[SourceFrame]
    remarks: list[str] = field(default_factory=list)
    about_cases: str | None = None

    def all_remarks(self) -> list[str]:
        """Return the remarks, those about cases last."""
        return [*self.remarks, *([self.about_cases] if self.about_cases else [])]
