"""DICOM Structured Report: TID 1500, Measurement Report, with electrodes as points and centrelines as polylines."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from highdicom import UID
from highdicom.sr import ComprehensiveSR, MeasurementReport
from pydicom.sr.codedict import codes

from custom.files import PendingFile
from custom.postprocessing.result import FrameResult
from custom.results.dicom_source import MANUFACTURER, SERIES_NUMBER, UNICODE, read_source
from custom.results.format import ResultFormat
from custom.results.report_content import Group, TrackUids, frame_groups, nothing_found, observer

# A group takes some 0.3 MB while its report is made.
GROUPS_PER_REPORT = 200


class StructuredReport(ResultFormat):
    """`NAME_sr.dcm`: a measurement group for each catheter and electrode of a frame, and for its flags.

    What is too much for one report goes into several of one series, named after their first frame: `NAME_sr_0000.dcm`,
    `NAME_sr_0031.dcm`, ... Groups of one track share a tracking UID, across reports too.
    """

    def start(self, first: FrameResult) -> None:
        """Read the source's header.

        Raises:
            InputError: if the source is not DICOM.
        """
        self._pending = []
        self._name = first.source
        self._source = read_source(first, keep_identifiers=self.keep_identifiers)
        self._series = UID()
        self._tracks: TrackUids = defaultdict(UID)
        self._groups: list[Group] = []
        self._first_frame = 0
        self._is_ascii = True  # types may be named in any language

    def add(self, result: FrameResult) -> None:
        """Take a frame's findings; write the report before them when it is full."""
        if len(self._groups) >= GROUPS_PER_REPORT:
            self._write(f"_{self._first_frame:04d}", complete=True)
            self._first_frame = result.frame_index
        self._is_ascii &= all(catheter.type.isascii() for catheter in result.catheters)
        self._groups += frame_groups(result, self._source, self._tracks)

    def finish(self, *, complete: bool) -> list[Path]:
        """Write the last report and move all of them into place."""
        self._write(f"_{self._first_frame:04d}" if self._pending else "", complete=complete)
        for report in self._pending:
            report.keep()
        written = [report.path for report in self._pending]
        self._remove_others(written)
        return written

    def _remove_others(self, written: list[Path]) -> None:
        """Remove reports on the same file that an earlier run split in another way: they would contradict these."""
        name = re.compile(re.escape(Path(f"{self._name}_sr").name) + r"(_\d{4,})?\.dcm", re.ASCII)
        for path in written[0].parent.iterdir():
            if name.fullmatch(path.name) and path not in written:
                path.unlink()

    def _write(self, part: str, *, complete: bool) -> None:
        self._pending.append(PendingFile(self.folder / f"{self._name}_sr{part}.dcm"))
        content = MeasurementReport(
            observation_context=observer(),
            procedure_reported=codes.SCT.Fluoroscopy,
            imaging_measurements=self._groups or [nothing_found(self._source)],
        )
        report = ComprehensiveSR(
            evidence=[self._source],
            content=content,
            series_instance_uid=self._series,
            series_number=SERIES_NUMBER + 1,
            sop_instance_uid=UID(),
            instance_number=len(self._pending),
            manufacturer=MANUFACTURER,
            is_complete=complete,
            series_description="Catheters and electrodes",
        )
        if not self._is_ascii:
            report.SpecificCharacterSet = UNICODE
        report.save_as(self._pending[-1].temporary, enforce_file_format=True)
        self._groups = []
        self._is_ascii = True
