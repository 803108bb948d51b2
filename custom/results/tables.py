"""Two tables for spreadsheets and statistics: one row an electrode, one row a catheter."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from custom.files import PendingStream
from custom.postprocessing.result import FrameResult
from custom.results.format import ResultFormat

FRAME = ("source", "frame")
ELECTRODE = (
    *("electrode", "track", "catheter", "catheter_track", "catheter_type", "pole", "x_px", "y_px", "x_mm", "y_mm"),
    *("width_px", "height_px", "score", "spread_px", "spacing_plane", "flags"),
)
CATHETER = (
    *("catheter", "track", "type", "type_confidence", "confidence", "tip_known", "tip_x_px", "tip_y_px"),
    *("electrodes", "length_px", "length_mm", "spacing_plane", "flags"),
)


class CsvTables(ResultFormat):
    """`NAME_electrodes.csv` and `NAME_catheters.csv`; what is not known stays empty."""

    def start(self, first: FrameResult) -> None:
        """Write the headings."""
        self._pending = []
        self._electrodes = self._table(f"{first.source}_electrodes.csv", FRAME + ELECTRODE)
        self._catheters = self._table(f"{first.source}_catheters.csv", FRAME + CATHETER)

    def _table(self, name: str, columns: tuple[str, ...]) -> csv.DictWriter[str]:
        stream = PendingStream(self.folder / name, newline="")
        self._pending.append(stream)
        writer = csv.DictWriter(stream.file, columns)
        writer.writeheader()
        return writer

    def add(self, result: FrameResult) -> None:
        """Write the rows of a frame."""
        self._electrodes.writerows(_electrode_rows(result))
        self._catheters.writerows(_catheter_rows(result))

    def finish(self, *, complete: bool) -> list[Path]:
        """Move both tables into place."""
        for table in self._pending:
            table.keep()
        return [table.path for table in self._pending]


def _frame(result: FrameResult) -> dict[str, Any]:
    return {
        "source": result.source,
        "frame": result.frame_index,
        "spacing_plane": result.spacing_plane,
        "flags": " ".join(result.flags),
    }


def _electrode_rows(result: FrameResult) -> Iterator[dict[str, Any]]:
    catheters = {catheter.id: catheter for catheter in result.catheters}
    row_mm, column_mm = result.pixel_spacing_mm or (None, None)
    for index, electrode in enumerate(result.electrodes):
        catheter = None if electrode.catheter is None else catheters[electrode.catheter]
        yield {
            **_frame(result),
            "electrode": index,
            "track": electrode.track,
            "catheter": electrode.catheter,
            "catheter_track": catheter and catheter.track,
            "catheter_type": catheter and catheter.type,
            "pole": electrode.pole,
            "x_px": electrode.x,
            "y_px": electrode.y,
            "x_mm": column_mm and electrode.x * column_mm,
            "y_mm": row_mm and electrode.y * row_mm,
            "width_px": electrode.width,
            "height_px": electrode.height,
            "score": electrode.score,
            "spread_px": electrode.spread_px,
        }


def _catheter_rows(result: FrameResult) -> Iterator[dict[str, Any]]:
    for catheter in result.catheters:
        tip_x, tip_y = catheter.centerline[0] if catheter.tip_known else (None, None)
        yield {
            **_frame(result),
            "catheter": catheter.id,
            "track": catheter.track,
            "type": catheter.type,
            "type_confidence": catheter.type_confidence,
            "confidence": catheter.confidence,
            "tip_known": catheter.tip_known,
            "tip_x_px": tip_x,
            "tip_y_px": tip_y,
            "electrodes": len(catheter.electrodes),
            "length_px": catheter.length_px,
            "length_mm": catheter.length_mm,
        }
