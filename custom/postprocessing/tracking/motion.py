"""The motion of a reference catheter, which motion compensation takes away from the roadmap (paper, section 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from custom.postprocessing.result import FrameResult

CORONARY_SINUS = "coronary sinus"
_NONE = -1

_Positions: TypeAlias = dict[int, np.ndarray]
"""(2,) x, y by an electrode's track."""


@dataclass(frozen=True)
class MotionRow:
    """Where the reference is in one frame, relative to the first frame where it is seen; `None` where it is not seen.

    Attributes:
        frame_index: from 0.
        dx_px: to the right, in pixels of the original frame.
        dy_px: down.
        dx_mm: to the right, in the frame's spacing plane; `None` where the spacing is unknown, too.
        dy_mm: down.
        electrodes: how many electrodes it rests on: those of the first frame that are seen in this one, or where none
            of them is, those that the reference has shown since.
    """

    frame_index: int
    dx_px: float | None = None
    dy_px: float | None = None
    dx_mm: float | None = None
    dy_mm: float | None = None
    electrodes: int = 0


class _Frame(NamedTuple):
    """What is kept of a frame, in arrays since cines are long: (K,) tracks, tracks of their catheters, (K, 2) x, y."""

    frame_index: int
    spacing: tuple[float, float] | None
    tracks: np.ndarray
    catheters: np.ndarray
    positions: np.ndarray

    def of(self, catheter: int | None) -> _Positions:
        """Return the catheter's electrodes."""
        on_catheter = self.catheters == catheter
        return dict(zip(self.tracks[on_catheter].tolist(), self.positions[on_catheter], strict=True))


class ReferenceMotion:
    """Collects the tracked frames of a file, and tells how its reference catheter moved.

    The reference is settled when all frames are known: of the catheters of a wanted type, the one that was seen
    longest and most surely. It moves by the mean of the electrodes that it showed first; while none of them is seen, by
    the mean of those that it has shown since.

    Args:
        reference: the type of the reference catheter, or the number of its track.

    Attributes:
        seen: the types of all catheters with electrodes, the latest by track.
    """

    def __init__(self, reference: str | int = CORONARY_SINUS) -> None:
        self.reference = reference
        self.seen: dict[int, str] = {}
        self._frames: list[_Frame] = []
        self._votes: defaultdict[int, float] = defaultdict(float)

    def add(self, result: FrameResult) -> None:
        """Take the next frame, as `CatheterTracker` gives it."""
        track_of: dict[int | None, int | None] = {catheter.id: catheter.track for catheter in result.catheters}
        track_of[None] = _NONE
        kept = [(e.track, track_of[e.catheter], e.x, e.y) for e in result.electrodes if e.track is not None]
        tracks, catheters, x, y = np.array(kept, dtype=float).reshape(-1, 4).T
        positions = np.column_stack([x, y])
        self._frames.append(
            _Frame(result.frame_index, result.pixel_spacing_mm, tracks.astype(int), catheters.astype(int), positions)
        )
        for catheter in result.catheters:
            if not catheter.electrodes or catheter.track is None:
                continue
            self.seen[catheter.track] = catheter.type
            if catheter.type == self.reference:
                self._votes[catheter.track] += catheter.type_confidence

    @property
    def track(self) -> int | None:
        """The track of the reference catheter; `None` while there is none."""
        if isinstance(self.reference, int):
            return self.reference
        return max(self._votes, key=lambda track: self._votes[track], default=None)

    def rows(self) -> list[MotionRow]:
        """One row for each frame."""
        first: _Positions = {}
        joined: _Positions = {}
        rows = []
        reference = self.track
        for frame in self._frames:
            on_reference = frame.of(reference)
            first = first or on_reference
            moves = _moves(frame, first) or _moves(frame, joined)
            rows.append(_row(frame, moves))
            if moves:
                move = np.mean(moves, axis=0)
                joined = {track: at - move for track, at in on_reference.items()} | joined
        return rows


def _moves(frame: _Frame, start: _Positions) -> list[np.ndarray]:
    seen = zip(frame.tracks, frame.positions, strict=True)
    return [position - start[track] for track, position in seen if track in start]


def _row(frame: _Frame, moves: list[np.ndarray]) -> MotionRow:
    if not moves:
        return MotionRow(frame.frame_index)
    dx, dy = np.mean(moves, axis=0).tolist()
    if frame.spacing is None:
        return MotionRow(frame.frame_index, dx, dy, electrodes=len(moves))
    row_spacing, column_spacing = frame.spacing
    return MotionRow(frame.frame_index, dx, dy, dx * column_spacing, dy * row_spacing, len(moves))
