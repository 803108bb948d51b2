"""Which catheter is which of the frames before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from scipy.optimize import linear_sum_assignment

from custom.postprocessing.result import Catheter
from custom.postprocessing.tracking_displacement import Alignment, Shape, align

UNKNOWN = "unknown"
_LEAST_SIMILARITY = 0.2


@dataclass
class CatheterTrack:
    """A catheter over time: what it looked like last, and the confidence that each type gathered."""

    number: int
    shape: Shape
    last_frame: int
    frames: int = 0
    votes: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def vote(self, catheter: Catheter) -> tuple[str, float]:
        """Count a frame's type; gives the type so far and its mean confidence. `unknown` wins against no other type."""
        self.frames += 1
        self.votes[catheter.type] += catheter.type_confidence
        known = {name: votes for name, votes in self.votes.items() if name != UNKNOWN} or self.votes
        winner = max(known, key=lambda name: known[name])
        return winner, known[winner] / self.frames


class CatheterTracks:
    """The catheters of a file; numbers start at 0 and are used once.

    Args:
        max_missed: frames in a row that a track survives unseen.
    """

    def __init__(self, max_missed: int) -> None:
        self.max_missed = max_missed
        self._tracks: list[CatheterTrack] = []
        self._numbers = count()

    def match(
        self, shapes: Sequence[Shape], frame: int, *, limit: float, tolerance: float
    ) -> list[tuple[CatheterTrack, np.ndarray | None]]:
        """Find the track of each catheter of a frame, a new one where it has none.

        Args:
            shapes: of the frame's catheters.
            frame: its index.
            limit: farthest displacement between frames, in pixels; a track unseen for n frames may have moved n + 1
                times as far.
            tolerance: see `align`.

        Returns:
            For each shape its track, and the displacement (2,) since it was seen last, `None` for a new track.
        """
        self._tracks = [track for track in self._tracks if frame - track.last_frame <= self.max_missed + 1]
        limits = [limit * (frame - track.last_frame) for track in self._tracks]
        alignments = [
            [align(track.shape, shape, limit=reach, tolerance=tolerance) for shape in shapes]
            for track, reach in zip(self._tracks, limits, strict=True)
        ]
        pairs = _pairs(alignments, limits)
        found = [self._seen(shape, frame, pairs.get(index)) for index, shape in enumerate(shapes)]
        return [
            (track, alignments[pairs[index]][index].displacement if index in pairs else None)
            for index, track in enumerate(found)
        ]

    def _seen(self, shape: Shape, frame: int, index: int | None) -> CatheterTrack:
        if index is None:
            self._tracks.append(CatheterTrack(next(self._numbers), shape, frame))
            return self._tracks[-1]
        track = self._tracks[index]
        track.shape, track.last_frame = shape, frame
        return track


def _pairs(alignments: Sequence[Sequence[Alignment]], limits: Sequence[float]) -> dict[int, int]:
    """Index of the track of each shape that has one."""
    if not alignments:
        return {}
    similarity = np.array(
        [[_similarity(alignment, limit) for alignment in row] for row, limit in zip(alignments, limits, strict=True)]
    )
    tracks, shapes = linear_sum_assignment(similarity, maximize=True)
    return {
        int(shape): int(track)
        for track, shape in zip(tracks, shapes, strict=True)
        if similarity[track, shape] >= _LEAST_SIMILARITY
    }


def _similarity(alignment: Alignment, limit: float) -> float:
    """Overlap, less by up to a half for what moved far."""
    return alignment.overlap * (1 - 0.5 * float(np.linalg.norm(alignment.displacement)) / limit)
