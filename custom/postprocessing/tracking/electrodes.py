"""Which electrode is which of the frames before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from custom.postprocessing.tracking.displacement import electrode_displacement

_MOST_TOGETHER = 20


@dataclass
class ElectrodeTrack:
    """An electrode over time: where it was last, and how often on which catheter's track."""

    number: int
    position: np.ndarray
    last_frame: int
    catheters: Counter[int | None] = field(default_factory=Counter)

    @property
    def catheter(self) -> int | None:
        """The track of the catheter on which it was seen most often; `None` where it was on none so far."""
        return max(self.catheters, key=lambda track: self.catheters[track], default=None)


class ElectrodeTracks:
    """The electrodes of a file; numbers start at 0 and are used once.

    Args:
        max_missed: frames in a row that a track survives unseen.
    """

    def __init__(self, max_missed: int) -> None:
        self.max_missed = max_missed
        self._tracks: list[ElectrodeTrack] = []
        self._numbers = count()

    def match(self, positions: np.ndarray, frame: int, *, limit: float, tolerance: float) -> list[int]:
        """Find the track of each electrode of a frame, a new one where it has none.

        Every catheter is moved as a whole first, so that its electrodes agree with the frame's best; those of them that
        are not seen go along.

        Args:
            positions: (K, 2) x, y of the frame's electrodes.
            frame: its index.
            limit: farthest that a catheter moves, in pixels.
            tolerance: how far an electrode may be from where its catheter's displacement takes it, in pixels.

        Returns:
            The number of each electrode's track.
        """
        self._tracks = [track for track in self._tracks if frame - track.last_frame <= self.max_missed + 1]
        self._move(positions, limit, tolerance)
        pairs = self._pairs(positions, tolerance)
        return [self._seen(position, frame, pairs.get(index)) for index, position in enumerate(positions)]

    def _move(self, positions: np.ndarray, limit: float, tolerance: float) -> None:
        """Move the electrodes of each catheter; what all of them together do is what is expected of it."""
        if not self._tracks:
            return
        everywhere = np.stack([track.position for track in self._tracks])
        sample = everywhere[:: -(-len(everywhere) // _MOST_TOGETHER)]
        expected = electrode_displacement(sample, positions, expected=np.zeros(2), limit=limit, tolerance=tolerance)
        catheters = self._moving_with(everywhere)
        for catheter in set(catheters):
            members = np.flatnonzero(catheters == catheter)
            displacement = electrode_displacement(
                everywhere[members], positions, expected=expected, limit=limit, tolerance=tolerance
            )
            for index in members:
                self._tracks[index].position = everywhere[index] + displacement

    def _moving_with(self, positions: np.ndarray) -> np.ndarray:
        """The catheter (T,) that each track goes along with: its own or, on none, that of the nearest track on one."""
        catheters = np.array([track.catheter for track in self._tracks], dtype=object)
        on_one = np.flatnonzero([catheter is not None for catheter in catheters])
        if not len(on_one):
            return catheters
        return np.asarray(catheters[on_one[cdist(positions, positions[on_one]).argmin(axis=1)]])

    def put_on_catheters(self, catheters: Mapping[int, int | None]) -> None:
        """Tell on which catheter's track electrodes' tracks were seen in this frame."""
        for track in self._tracks:
            if track.number in catheters:
                track.catheters[catheters[track.number]] += 1

    def _pairs(self, positions: np.ndarray, tolerance: float) -> dict[int, int]:
        """Index of the track of each electrode that has one.

        Tracks that were seen last choose first: the place of one that was missed is a guess, near to its neighbours'.
        """
        pairs: dict[int, int] = {}
        for frame in sorted({track.last_frame for track in self._tracks}, reverse=True):
            tracks = [index for index, track in enumerate(self._tracks) if track.last_frame == frame]
            free = [index for index in range(len(positions)) if index not in pairs]
            expected = np.array([self._tracks[index].position for index in tracks])
            # An unmatched pair costs the tolerance: to match as many as possible would shift whole rows of electrodes.
            costs = cdist(expected, positions[free]).clip(max=tolerance)
            found = zip(*linear_sum_assignment(costs), strict=True)
            pairs |= {free[column]: tracks[row] for row, column in found if costs[row, column] < tolerance}
        return pairs

    def _seen(self, position: np.ndarray, frame: int, index: int | None) -> int:
        if index is None:
            self._tracks.append(ElectrodeTrack(next(self._numbers), position, frame))
            return self._tracks[-1].number
        track = self._tracks[index]
        track.position, track.last_frame = position, frame
        return track.number
