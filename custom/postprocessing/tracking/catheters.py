"""Which catheter is which of the frames before."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from scipy.optimize import linear_sum_assignment

from custom.postprocessing.catheter_types.table import UNKNOWN
from custom.postprocessing.polyline import line_overlap
from custom.postprocessing.result import Catheter
from custom.postprocessing.tracking.displacement import line_displacement

_LEAST_SIMILARITY = 0.2
_FADING = 0.5  # of the similarity to a track, for each frame in which it was missed


@dataclass(frozen=True)
class Shape:
    """A catheter in a frame: positions (2,) by electrode's track, and evenly spaced points (N, 2) of its centreline."""

    electrodes: Mapping[int, np.ndarray]
    centerline: np.ndarray


@dataclass
class CatheterTrack:
    """A catheter over time: what it looked like last, and the confidence that each type gathered."""

    number: int
    shape: Shape
    last_frame: int
    electrodes: int = 0
    votes: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def vote(self, catheter: Catheter) -> tuple[str, float]:
        """Count a frame's type; gives the type so far and its mean confidence. `unknown` wins against no other type.

        Every electrode has a vote: the fewer of them were found, the less a pattern tells, however well it fits.
        """
        self.electrodes += len(catheter.electrodes)
        self.votes[catheter.type] += len(catheter.electrodes) * catheter.type_confidence
        known = {name: votes for name, votes in self.votes.items() if name != UNKNOWN} or self.votes
        winner = max(known, key=lambda name: known[name])
        return winner, known[winner] / max(self.electrodes, 1)


class CatheterTracks:
    """The catheters of a file; numbers start at 0 and are used once.

    Args:
        max_missed: frames in a row that a track survives unseen.
    """

    def __init__(self, max_missed: int) -> None:
        self.max_missed = max_missed
        self._tracks: list[CatheterTrack] = []
        self._numbers = count()

    def match(self, shapes: Sequence[Shape], frame: int, *, limit: float, tolerance: float) -> list[CatheterTrack]:
        """Find the track of each catheter of a frame, a new one where it has none.

        Args:
            shapes: of the frame's catheters.
            frame: its index.
            limit: farthest that a line without electrodes moves, in pixels.
            tolerance: pixels up to which lines lie on each other, once they are moved.

        Returns:
            The track of each shape.
        """
        self._tracks = [track for track in self._tracks if frame - track.last_frame <= self.max_missed + 1]
        similarity = np.array(
            [[_similarity(track.shape, shape, limit, tolerance) for shape in shapes] for track in self._tracks]
        ).reshape(len(self._tracks), len(shapes))
        fading = np.array([_FADING ** (frame - track.last_frame - 1) for track in self._tracks])
        pairs = linear_sum_assignment(similarity * fading[:, None], maximize=True)
        tracks = {int(s): int(t) for t, s in zip(*pairs, strict=True) if similarity[t, s] >= _LEAST_SIMILARITY}
        return [self._seen(shape, frame, tracks.get(index)) for index, shape in enumerate(shapes)]

    def _seen(self, shape: Shape, frame: int, index: int | None) -> CatheterTrack:
        if index is None:
            self._tracks.append(CatheterTrack(next(self._numbers), shape, frame))
            return self._tracks[-1]
        track = self._tracks[index]
        track.shape, track.last_frame = shape, frame
        return track


def _similarity(before: Shape, now: Shape, limit: float, tolerance: float) -> float:
    """Mean share in [0, 1] of electrodes that are the same, and of centreline that lies on each other once moved."""
    same = before.electrodes.keys() & now.electrodes.keys()
    total = len(before.electrodes) + len(now.electrodes)
    shares = [2 * len(same) / total] if total else []
    if len(before.centerline) and len(now.centerline):
        displacement = _displacement(before, now, same)
        # A line that moved far by itself is less likely the same; electrodes have been looked for within the limit.
        farness = 0.0 if same else math.hypot(*displacement) / limit
        overlap = line_overlap(before.centerline + displacement, now.centerline, tolerance)
        shares.append(overlap * (1 - 0.5 * farness) if farness <= 1 else 0.0)
    return sum(shares) / len(shares) if shares else 0.0


def _displacement(before: Shape, now: Shape, same: Set[int]) -> np.ndarray:
    if same:
        return np.mean([now.electrodes[number] - before.electrodes[number] for number in same], axis=0)
    if before.electrodes and now.electrodes:
        return np.zeros(2)
    return line_displacement(before.centerline, now.centerline)
