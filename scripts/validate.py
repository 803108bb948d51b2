"""`catheter validate`: check a datalist before anything is trained on it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from custom.terminal import print_line
from custom.wording import counted

if TYPE_CHECKING:
    from custom.data.summary import DatalistSummary, SplitSummary

MOST_WARNINGS_SHOWN = 20
MOST_KINDS_SHOWN = 5


def validate(datalist: str) -> None:
    """Check a datalist and every file in it, and say what is in each split.

    On faults all of them are listed, entry by entry, and the command ends with exit code 2.

    Args:
        datalist: the JSON file, as docs/datalist.md describes it.
    """
    from custom.data.validation import validate_datalist  # slow to import: every help would wait

    summary = validate_datalist(datalist)
    Console(highlight=False).print(_table(summary))
    _print_warnings(summary.warnings)
    frames = sum(split.frames for split in summary.splits.values())
    print_line(f"{datalist}: no faults in {counted(frames, 'frame')}.")


def _table(summary: DatalistSummary) -> Table:
    table = Table("", *summary.splits, title="Datalist")
    columns = [_rows(split) for split in summary.splits.values()]
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    return table


def _rows(split: SplitSummary) -> dict[str, str]:
    return {
        "frames": str(split.frames),
        "cases": str(split.cases),
        "mask and electrodes": str(split.mask_and_electrodes),
        "mask only": str(split.mask_only),
        "electrodes only": str(split.electrodes_only),
        "not annotated": str(split.not_annotated),
        "electrodes a frame": _electrodes(split),
        "rows x columns": _kinds({f"{rows} x {columns}": n for (rows, columns), n in split.frame_sizes.items()}),
        "spacing (mm)": _kinds({_spacing(spacing): n for spacing, n in split.spacings.items()}),
    }


def _electrodes(split: SplitSummary) -> str:
    if not split.mask_and_electrodes and not split.electrodes_only:
        return "not annotated"
    return f"mean {split.mean_electrodes:.1f}, at most {split.max_electrodes}"


def _spacing(spacing: tuple[float, float, str] | None) -> str:
    return "unknown" if spacing is None else "{:.3f} x {:.3f} at the {}".format(*spacing)


def _kinds(counts: dict[str, int]) -> str:
    common = Counter(counts).most_common()
    lines = [f"{kind} ({count})" for kind, count in common[:MOST_KINDS_SHOWN]]
    if len(common) > MOST_KINDS_SHOWN:
        lines.append(f"and {len(common) - MOST_KINDS_SHOWN} more")
    return "\n".join(lines)


def _print_warnings(warnings: list[str]) -> None:
    for warning in warnings[:MOST_WARNINGS_SHOWN]:
        print_line(f"warning: {warning}", style="yellow")
    if len(warnings) > MOST_WARNINGS_SHOWN:
        print_line(f"warning: {len(warnings) - MOST_WARNINGS_SHOWN} more like these", style="yellow")
