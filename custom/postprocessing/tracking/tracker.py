"""The identity of electrodes and catheters from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from custom.errors import InputError
from custom.postprocessing.polyline import resample_polyline
from custom.postprocessing.result import Catheter, Electrode, FrameResult
from custom.postprocessing.tracking.catheters import CatheterTracks, Shape
from custom.postprocessing.tracking.electrodes import ElectrodeTracks
from custom.postprocessing.tracking.smoothing import PositionSmoother
from custom.values import is_index, is_number, is_positive

_POINT_DISTANCE = 0.02  # between compared points of a centreline, as a share of the frame's longer side


class CatheterTracker:
    """Gives electrodes and catheters an identity that lasts over the frames of a file.

    Every catheter is moved as a whole first, so that its electrodes agree best with those of the new frame, then each
    electrode is matched from there; so electrodes keep their identity even where they were put on another catheter. A
    catheter is the one before with which it shares most electrodes and most of its line; what was seen last comes
    first. Its type is what its frames so far voted for, each electrode with its confidence. Tracks are numbered from 0
    in each file, catheters and electrodes apart, and a number is never used again in the file. The time between frames
    need not be known.

    Lengths are shares of the frame's longer side, so that they fit any matrix.

    Args:
        max_displacement: farthest that anything moves from frame to frame.
        tolerance: how far an electrode may be from where its catheter's displacement takes it.
        max_missed: frames in a row that a track survives unseen.
        smoothing: weight in [0, 1) of an electrode's previous smoothed position; 0 leaves positions as they are.
            Centrelines are not smoothed.
        jump: movement from which an electrode's position passes unsmoothed.

    Raises:
        InputError: where `smoothing` is no such weight, `max_missed` no whole number from 0, or a length not positive.
    """

    def __init__(
        self,
        *,
        max_displacement: float = 0.15,
        tolerance: float = 0.02,
        max_missed: int = 5,
        smoothing: float = 0.0,
        jump: float = 0.015,
    ) -> None:
        _check(max_missed, smoothing, max_displacement=max_displacement, tolerance=tolerance, jump=jump)
        self.max_displacement = max_displacement
        self.tolerance = tolerance
        self.max_missed = max_missed
        self.smoothing = smoothing
        self.jump = jump
        self.start()

    def start(self) -> None:
        """Forget everything: the next frame is the first of a file."""
        self._catheters = CatheterTracks(self.max_missed)
        self._electrodes = ElectrodeTracks(self.max_missed)
        self._smoother = PositionSmoother(self.smoothing)

    def update(self, result: FrameResult) -> FrameResult:
        """Take the next frame of the file.

        Args:
            result: its `frame_index` is above that of the frame before; frames may be left out.

        Returns:
            The frame with `track` on electrodes and catheters, types as voted, and electrodes smoothed if asked for.
        """
        side = max(result.mask.shape)
        tracks = self._electrodes.match(
            np.array([(electrode.x, electrode.y) for electrode in result.electrodes]).reshape(-1, 2),
            result.frame_index,
            limit=self.max_displacement * side,
            tolerance=self.tolerance * side,
        )
        electrodes = [replace(one, track=track) for one, track in zip(result.electrodes, tracks, strict=True)]
        catheters = self._track_catheters(result, electrodes, side)
        self._electrodes.put_on_catheters({tracks[index]: one.track for one in catheters for index in one.electrodes})
        return replace(result, catheters=catheters, electrodes=tuple(self._smoothed(one, side) for one in electrodes))

    def _track_catheters(self, result: FrameResult, electrodes: Sequence[Electrode], side: int) -> tuple[Catheter, ...]:
        tracks = self._catheters.match(
            [_shape(catheter, electrodes, _POINT_DISTANCE * side) for catheter in result.catheters],
            result.frame_index,
            limit=self.max_displacement * side,
            tolerance=self.tolerance * side,
        )
        catheters = []
        for catheter, track in zip(result.catheters, tracks, strict=True):
            name, confidence = track.vote(catheter)
            catheters.append(replace(catheter, track=track.number, type=name, type_confidence=confidence))
        return tuple(catheters)

    def _smoothed(self, electrode: Electrode, side: int) -> Electrode:
        if electrode.track is None or self.smoothing == 0:
            return electrode
        position = np.array([electrode.x, electrode.y])
        x, y = self._smoother.update(electrode.track, position, self.jump * side)
        return replace(electrode, x=float(x), y=float(y))


def _check(max_missed: int, smoothing: float, **lengths: float) -> None:
    if not (is_number(smoothing) and 0 <= smoothing < 1):
        raise InputError("no weight", field="tracker#smoothing", found=smoothing, expected="0, or more but below 1")
    if not is_index(max_missed):
        raise InputError("no number of frames", field="tracker#max_missed", found=max_missed, expected="0, 1, 2, ...")
    for name, length in lengths.items():
        if not is_positive(length):
            expected = "a number above 0, in longer sides of the frame"
            raise InputError("no length", field=f"tracker#{name}", found=length, expected=expected)


def _shape(catheter: Catheter, electrodes: Sequence[Electrode], step: float) -> Shape:
    own = [electrodes[index] for index in catheter.electrodes]
    positions = {e.track: np.array([e.x, e.y]) for e in own if e.track is not None}
    return Shape(positions, resample_polyline(catheter.centerline.reshape(-1, 2), step))
