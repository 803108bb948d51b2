"""The motion of the reference catheter as a table."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from pathlib import Path

from custom.files import replacing
from custom.postprocessing.motion import CORONARY_SINUS, MotionRow, ReferenceMotion
from custom.postprocessing.result import FrameResult
from custom.results.format import ResultFormat

COLUMNS = [*(field.name for field in fields(MotionRow)), "spacing_plane"]


class MotionTable(ResultFormat):
    """For each cine `NAME_motion.csv`: a line a frame, how far the reference catheter moved since it was first seen.

    Lengths are in pixels of the original frame, and in millimetres in `spacing_plane`; x to the right, y down. What is
    not known stays empty. Files of one frame have no motion and get no table. Positions of electrodes are kept in
    memory until the file ends, about 40 bytes each.

    Args:
        folder: where the files go.
        keep_identifiers: has no effect, the table has no place for them.
        catheter_type: of the reference catheter.
        track: of the reference catheter, in place of its type.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keep_identifiers: bool = False,
        catheter_type: str = CORONARY_SINUS,
        track: int | None = None,
    ) -> None:
        super().__init__(folder, keep_identifiers=keep_identifiers)
        self.catheter_type = catheter_type
        self.track = track

    def start(self, first: FrameResult) -> None:
        """Begin a file."""
        self._first = first
        self._motion = ReferenceMotion(catheter_type=self.catheter_type, track=self.track)

    def add(self, result: FrameResult) -> None:
        """Take the file's next frame."""
        self._motion.add(result)

    def finish(self, *, complete: bool) -> list[Path]:
        """Write the table."""
        if self._first.frames == 1:
            return []
        path = self.folder / f"{self._first.source}_motion.csv"
        plane = self._first.spacing_plane
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows({**asdict(row), "spacing_plane": plane} for row in self._motion.rows())
        return [path]
