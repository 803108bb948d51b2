"""The motion of a reference catheter, which motion compensation takes away from the roadmap (paper, section 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from custom.postprocessing.result import FrameResult

CORONARY_SINUS = "coronary sinus"


@dataclass(frozen=True)
class MotionRow:
    """Where the reference is in one frame, relative to the first frame where it is seen; `None` where it is not seen.

    Attributes:
        frame_index: from 0.
        dx_px: to the right, in pixels of the original frame.
        dy_px: down.
        dx_mm: to the right, in the frame's spacing plane; `None` where the spacing is unknown, too.
        dy_mm: down.
        electrodes: how many electrodes it rests on: those of the first frame that are seen in this one.
    """

    frame_index: int
    dx_px: float | None = None
    dy_px: float | None = None
    dx_mm: float | None = None
    dy_mm: float | None = None
    electrodes: int = 0


@dataclass(frozen=True)
class _Frame:
    """What is kept of a frame: positions by electrode's track, and which of these lie on which catheter's track."""

    index: int
    spacing: tuple[float, float] | None
    positions: dict[int, np.ndarray]
    on_catheter: dict[int, list[int]]


class ReferenceMotion:
    """Collects the tracked frames of a file, and tells how its reference catheter moved.

    The reference is settled when all frames are known: of the catheters of the wanted type, the one that was seen
    longest and most surely. It moves by the mean of its electrodes.

    Args:
        catheter_type: of the reference catheter.
        track: of the reference catheter, in place of its type.
    """

    def __init__(self, *, catheter_type: str = CORONARY_SINUS, track: int | None = None) -> None:
        self.catheter_type = catheter_type
        self.track = track
        self._frames: list[_Frame] = []
        self._votes: defaultdict[int, float] = defaultdict(float)

    def add(self, result: FrameResult) -> None:
        """Take the next frame, as `CatheterTracker` gives it."""
        positions = {e.track: np.array([e.x, e.y]) for e in result.electrodes if e.track is not None}
        on_catheter: dict[int, list[int]] = {}
        for catheter in result.catheters:
            tracks = [result.electrodes[index].track for index in catheter.electrodes]
            if catheter.track is not None and tracks:
                on_catheter[catheter.track] = [track for track in tracks if track is not None]
                if catheter.type == self.catheter_type:
                    self._votes[catheter.track] += catheter.type_confidence
        self._frames.append(_Frame(result.frame_index, result.pixel_spacing_mm, positions, on_catheter))

    @property
    def reference(self) -> int | None:
        """The track of the reference catheter; `None` while there is none."""
        if self.track is not None:
            return self.track
        return max(self._votes, key=lambda track: self._votes[track], default=None)

    def rows(self) -> list[MotionRow]:
        """One row for each frame."""
        reference = self.reference
        start: dict[int, np.ndarray] = {}
        rows = []
        for frame in self._frames:
            if not start:
                on_reference = frame.on_catheter.get(reference, []) if reference is not None else []
                start = {track: frame.positions[track] for track in on_reference}
            rows.append(_row(frame, start))
        return rows


def _row(frame: _Frame, start: dict[int, np.ndarray]) -> MotionRow:
    moves = [frame.positions[track] - position for track, position in start.items() if track in frame.positions]
    if not moves:
        return MotionRow(frame.index)
    dx, dy = np.mean(moves, axis=0).tolist()
    if frame.spacing is None:
        return MotionRow(frame.index, dx, dy, electrodes=len(moves))
    row_spacing, column_spacing = frame.spacing
    return MotionRow(frame.index, dx, dy, dx * column_spacing, dy * row_spacing, len(moves))
