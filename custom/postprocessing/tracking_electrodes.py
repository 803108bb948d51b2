"""Which electrode is which of the frames before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from custom.postprocessing.tracking_displacement import Displacements, electrode_displacement


@dataclass
class ElectrodeTrack:
    """An electrode over time: where it was last, and on which catheter's track."""

    number: int
    position: np.ndarray
    catheter: int | None
    last_frame: int


class ElectrodeTracks:
    """The electrodes of a file; numbers start at 0 and are used once.

    Args:
        max_missed: frames in a row that a track survives unseen.
    """

    def __init__(self, max_missed: int) -> None:
        self.max_missed = max_missed
        self._tracks: list[ElectrodeTrack] = []
        self._numbers = count()

    def match(
        self,
        positions: np.ndarray,
        catheters: Sequence[int | None],
        displacements: Displacements,
        frame: int,
        *,
        limit: float,
        tolerance: float,
    ) -> list[int]:
        """Find the track of each electrode of a frame, a new one where it has none.

        Args:
            positions: (K, 2) x, y of the frame's electrodes.
            catheters: the catheter's track of each, `None` where it lies on none.
            displacements: by catheter's track, how far it moved since it was seen last.
            frame: its index.
            limit: farthest that electrodes without a known displacement may have moved together, in pixels.
            tolerance: how far an electrode may be from where it is expected, in pixels; half as far from where another
                catheter's is expected.

        Returns:
            The track of each electrode.
        """
        self._tracks = [track for track in self._tracks if frame - track.last_frame <= self.max_missed + 1]
        self._move(positions, catheters, displacements, limit, tolerance)
        pairs = self._pairs(positions, catheters, tolerance)
        return [
            self._seen(position, catheter, frame, pairs.get(index))
            for index, (position, catheter) in enumerate(zip(positions, catheters, strict=True))
        ]

    def _move(
        self,
        positions: np.ndarray,
        catheters: Sequence[int | None],
        displacements: Displacements,
        limit: float,
        tolerance: float,
    ) -> None:
        """Take every track along with its catheter, those without one along with each other."""
        free = [track for track in self._tracks if track.catheter not in displacements]
        others = positions[[catheter not in displacements for catheter in catheters]]
        together = np.zeros(2)
        if free and len(others):
            before = np.stack([track.position for track in free])
            together = electrode_displacement(before, others, limit, tolerance)
        for track in self._tracks:
            track.position = track.position + displacements.get(track.catheter, together)

    def _pairs(self, positions: np.ndarray, catheters: Sequence[int | None], tolerance: float) -> dict[int, int]:
        """Index of the track of each electrode that has one."""
        expected = np.array([track.position for track in self._tracks]).reshape(-1, 2)
        before = np.array([track.catheter for track in self._tracks], dtype=object)
        changed = np.not_equal.outer(before, np.array(catheters, dtype=object)).astype(float)
        costs = cdist(expected, positions) + changed * tolerance / 2
        # An unmatched pair costs the tolerance: to match as many as possible would shift whole rows of electrodes.
        tracks, electrodes = linear_sum_assignment(costs.clip(max=tolerance))
        return {int(e): int(t) for t, e in zip(tracks, electrodes, strict=True) if costs[t, e] < tolerance}

    def _seen(self, position: np.ndarray, catheter: int | None, frame: int, index: int | None) -> int:
        if index is None:
            self._tracks.append(ElectrodeTrack(next(self._numbers), position, catheter, frame))
            return self._tracks[-1].number
        track = self._tracks[index]
        track.position, track.catheter, track.last_frame = position, catheter, frame
        return track.number
