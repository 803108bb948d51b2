"""Numbers that need a sequence rather than a frame: identity and motion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from custom.metrics.catheter_record import CatheterRecord
from custom.postprocessing.result import FrameResult
from custom.postprocessing.tracking.motion import MotionRow, ReferenceMotion

Records = Sequence[CatheterRecord]


def by_sequence(records: Records) -> list[list[CatheterRecord]]:
    """Records of each sequence, in their order; two may have the same name, as case `a/b`, `c` and case `a`, `b/c`."""
    starts = [place for place, record in enumerate(records) if record.true.frame_index == 0]
    return [list(records[start:stop]) for start, stop in pairwise([*starts, len(records)])]


def catheter_switches(sequence: Records) -> int:
    """How often a true catheter was found under another track than the last time."""
    return _switches(
        [
            (record.true.catheters[pair.true].track, record.found.catheters[pair.found].track)
            for pair in record.catheters
        ]
        for record in sequence
    )


def electrode_switches(sequence: Records) -> int:
    """How often a true electrode was found under another track than the last time; those on no catheter aside."""
    return _switches(
        [
            (record.true.electrodes[true].track, record.found.electrodes[found].track)
            for true, found in record.electrodes.items()
        ]
        for record in sequence
    )


def _switches(frames: Iterable[Sequence[tuple[int | None, int | None]]]) -> int:
    last: dict[int, int | None] = {}
    switches = 0
    for frame in frames:
        for true, found in frame:
            if true is not None:
                switches += last.get(true, found) != found
                last[true] = found
    return switches


def reference_errors(sequence: Records) -> tuple[np.ndarray, np.ndarray]:
    """Errors of the reference catheter's motion, frame by frame.

    Both motions start in the first frame in which the reference is in view and was found: it may be taken for another
    catheter before.

    Args:
        sequence: records of one sequence.

    Returns:
        (F, 2) along x and y in pixels, and in millimetres by the spacing of each frame; one row for each frame in which
        the true reference is in view, NaN where its motion was not found or the spacing is unknown. Empty where the
        sequence shows no such catheter.
    """
    in_view = [row.dx_px is not None for row in _motion([record.true for record in sequence])]
    mm_per_pixel = np.array([record.true.mm_per_pixel for record in sequence])[in_view]
    found = _motion([record.found for record in sequence])
    both = [shown and row.dx_px is not None for shown, row in zip(in_view, found, strict=True)]
    if not any(both):
        unknown = np.full((sum(in_view), 2), np.nan)
        return unknown, unknown
    start = both.index(True)
    true = _motion([record.true for record in sequence[start:]])
    moves = zip(found[start:], true, strict=True)
    errors = [_vector(there) - _vector(found[start]) - _vector(here) for there, here in moves]
    in_px = np.array([[np.nan, np.nan]] * start + errors)[in_view]
    return in_px, in_px * mm_per_pixel


def _motion(frames: Sequence[FrameResult]) -> list[MotionRow]:
    motion = ReferenceMotion()
    for frame in frames:
        motion.add(frame)
    return motion.rows()


def _vector(row: MotionRow) -> np.ndarray:
    return np.array([row.dx_px, row.dy_px], dtype=float)
