"""The motion of the reference catheter as a table."""

from __future__ import annotations

import logging
from dataclasses import asdict, fields
from pathlib import Path

from custom.postprocessing.result import FrameResult
from custom.postprocessing.tracking.motion import CORONARY_SINUS, MotionRow, ReferenceMotion
from custom.results.format import ResultFormat
from custom.tables import write_csv

COLUMNS = [*(field.name for field in fields(MotionRow)), "spacing_plane"]


class MotionTable(ResultFormat):
    """For each cine `NAME_motion.csv`: a line a frame, how far the reference catheter moved since it was first seen.

    Lengths are in pixels of the original frame, and in millimetres in `spacing_plane`; x to the right, y down. What is
    not known stays empty. Files of one frame have no motion and get no table. Positions of electrodes are kept in
    memory until the file ends, about 40 bytes each.

    Args:
        folder: where the files go.
        keep_identifiers: has no effect, the table has no place for them.
        reference: the type of the reference catheter, or the number of its track.
    """

    needs_tracks = True

    def __init__(
        self,
        folder: Path,
        *,
        keep_identifiers: bool = False,
        reference: str | int = CORONARY_SINUS,
    ) -> None:
        super().__init__(folder, keep_identifiers=keep_identifiers)
        self.reference = reference

    def start(self, first: FrameResult) -> None:
        """Begin a file."""
        self._first = first
        self._motion = ReferenceMotion(self.reference)

    def add(self, result: FrameResult) -> None:
        """Take the file's next frame."""
        self._motion.add(result)

    def finish(self, *, complete: bool) -> list[Path]:
        """Write the table."""
        if self._first.frames == 1:
            return []
        rows = self._motion.rows()
        if all(row.dx_px is None for row in rows):
            seen = [f"{name} (track {track})" for track, name in sorted(self._motion.seen.items())]
            logging.getLogger("catheter.infer").warning(
                f"{self._first.source}: no motion, {self.reference!r} was not seen; "
                f"catheters with electrodes: {', '.join(seen) or 'none'}"
            )
        path = self.folder / f"{self._first.source}_motion.csv"
        plane = self._first.spacing_plane
        write_csv(path, [{**asdict(row), "spacing_plane": plane} for row in rows], columns=COLUMNS)
        return [path]
