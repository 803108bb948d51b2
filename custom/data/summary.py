"""What is in a datalist, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from custom.data.checked_entry import CheckedEntry


@dataclass(frozen=True)
class SplitSummary:
    """The numbers of one split.

    Args:
        frames: entries.
        cases: different cases.
        mask_and_electrodes, mask_only, electrodes_only, not_annotated: entries by what is annotated on them.
        mean_electrodes, max_electrodes: of the entries whose electrodes are annotated.
        frame_sizes: how many entries have which (rows, columns).
        spacings: how many entries have which (row, column, plane) spacing in mm; `None` is unknown.
    """

    frames: int
    cases: int
    mask_and_electrodes: int
    mask_only: int
    electrodes_only: int
    not_annotated: int
    mean_electrodes: float
    max_electrodes: int
    frame_sizes: Counter[tuple[int, int]]
    spacings: Counter[tuple[float, float, str] | None]

    @property
    def masks(self) -> int:
        """How many entries have a mask, empty or not."""
        return self.mask_and_electrodes + self.mask_only


@dataclass(frozen=True)
class DatalistSummary:
    """The numbers of every split, and what is odd but no fault."""

    splits: dict[str, SplitSummary]
    warnings: list[str]


def summarize_split(checked: Sequence[CheckedEntry]) -> SplitSummary:
    """Count what the entries of one split hold."""
    entries = [one.content for one in checked]
    annotated = Counter((entry["mask"] is not None, entry["electrodes"] is not None) for entry in entries)
    electrodes = [len(entry["electrodes"]) for entry in entries if entry["electrodes"] is not None]
    return SplitSummary(
        frames=len(entries),
        cases=len({entry["case"] for entry in entries}),
        mask_and_electrodes=annotated[True, True],
        mask_only=annotated[True, False],
        electrodes_only=annotated[False, True],
        not_annotated=annotated[False, False],
        mean_electrodes=sum(electrodes) / len(electrodes) if electrodes else 0.0,
        max_electrodes=max(electrodes, default=0),
        frame_sizes=Counter(one.frame_size for one in checked if one.frame_size is not None),
        spacings=Counter(one.spacing for one in checked),
    )
