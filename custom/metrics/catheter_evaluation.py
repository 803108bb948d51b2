"""Findings against truth, frame by frame, in sequences."""

from __future__ import annotations

from custom.metrics.catheter_record import CatheterRecord, record_catheters
from custom.postprocessing.catheter_types.table import CatheterTypes
from custom.postprocessing.result import FrameResult
from custom.postprocessing.tracking.tracker import CatheterTracker


class CatheterEvaluation:
    """Follows what is found through each sequence, and records it beside the truth.

    Args:
        tracker: gives what is found its identity in time.
        types: the table that the types are found with.
    """

    def __init__(self, tracker: CatheterTracker, types: CatheterTypes) -> None:
        self.tracker = tracker
        self.types = types
        self.records: list[CatheterRecord] = []

    def add(self, true: FrameResult, found: FrameResult) -> CatheterRecord:
        """Record the next frame.

        Args:
            true: as `true_frames` gives it.
            found: on the same frame, without tracks.
        """
        if true.frame_index == 0:
            self.tracker.start()
        record = record_catheters(true, self.tracker.update(found), self.types)
        self.records.append(record)
        return record
