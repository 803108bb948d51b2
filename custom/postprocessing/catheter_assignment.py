"""Which electrode lies on which device: on the line it is nearest to, unless a type's pattern says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_rows import Row
from custom.postprocessing.centerline import Centerline
from custom.postprocessing.centerline_junctions import ray_of
from custom.postprocessing.polyline import arc_length

_BEYOND_END = 15  # pixels over which electrodes may go on where the mask ends
_LINE_ERROR_PX = 1.5
_BESIDE = 3.0  # pixels beside the mask or an electrode's box
_GAIN = 0.5
_SWEEPS = 3
_MOST_TRIALS = 120


@dataclass(frozen=True)
class Candidates:
    """Where electrodes would lie on each line.

    Attributes:
        along: (L, K) distance along the line from its first point, negative or beyond its length where it is prolonged.
        side: (L, K) above 0 to the one and below to the other side of the line.
        costs: (L, K) negative log likelihood of the electrode's distance from the line, infinite where it is too far.
    """

    along: np.ndarray
    side: np.ndarray
    costs: np.ndarray

    def row(self, line: Centerline, number: int, electrodes: Sequence[int]) -> Row:
        """Electrodes on the line of a number, in order along it."""
        return Row(line, tuple(electrodes), self.along[number, list(electrodes)])


def candidates_of(lines: list[Centerline], boxes: np.ndarray) -> Candidates:
    """Compare every electrode with every line.

    Args:
        lines: of the devices.
        boxes: (K, 4) x, y, width, height.
    """
    along = np.zeros((len(lines), len(boxes)))
    side = np.zeros((len(lines), len(boxes)))
    costs = np.full((len(lines), len(boxes)), np.inf)
    for number, line in enumerate(lines):
        points, start = _prolonged(line)
        gaps = cdist(boxes[:, :2], points)
        nearest = gaps.argmin(axis=1)
        offset = boxes[:, :2] - points[nearest]
        ahead = points[np.minimum(nearest + 1, len(points) - 1)] - points[np.maximum(nearest - 1, 0)]
        side[number] = ahead[:, 0] * offset[:, 1] - ahead[:, 1] * offset[:, 0]
        distance = gaps[np.arange(len(boxes)), nearest]
        along[number] = arc_length(points)[nearest] - start
        if line.star is not None:
            distance = np.minimum(distance, cdist(boxes[:, :2], line.star.body).min(axis=1))
        near = distance < np.maximum(line.width, boxes[:, 2:4].max(axis=1, initial=0)) / 2 + _BESIDE
        costs[number, near] = 0.5 * (distance[near] / _LINE_ERROR_PX) ** 2
    return Candidates(along, side, costs)


def _prolonged(line: Centerline) -> tuple[np.ndarray, float]:
    """The line's points with straight ends where it does not end at the border, and the length put before it."""
    points = line.points
    if len(points) < 4:
        return points, 0.0
    steps = np.arange(1, _BEYOND_END + 1)[:, None]
    before, after = ray_of(points, 0), ray_of(points[::-1], 0)
    pieces = [points]
    start = 0.0
    if not line.at_border[0] and line.star is None:
        pieces.insert(0, (before.point - steps * before.direction)[::-1])
        start = float(_BEYOND_END)
    if not line.at_border[1]:
        pieces.append(after.point - steps * after.direction)
    return np.concatenate(pieces), start


class Assignment:
    """Electrodes given to lines so that rows are probable and electrodes near.

    It starts from the nearest line of each electrode. Then those that could lie on several are moved, one by one and
    together, as long as the sum of all costs falls.

    Args:
        candidates: of L lines and K electrodes.
        row_cost: of a line with some electrodes, in order along it.
    """

    def __init__(self, candidates: Candidates, row_cost: Callable[[int, tuple[int, ...]], float]) -> None:
        self.candidates = candidates
        self.possible = np.isfinite(candidates.costs)
        self.row_cost = row_cost
        self.owner = np.full(candidates.costs.shape[1], -1)
        if len(candidates.costs):
            self.owner = np.where(self.possible.any(axis=0), candidates.costs.argmin(axis=0), -1)
        self.known: dict[tuple[int, tuple[int, ...]], float] = {}

    def improved(self) -> list[tuple[int, ...]]:
        """The electrodes of each line, in order along it."""
        for _ in range(_SWEEPS):
            before = self.owner
            for chosen, target in self._moves():
                self._try(chosen, target)
            if np.array_equal(before, self.owner):
                break
        return [self._row(line, self.owner) for line in range(len(self.possible))]

    def _try(self, chosen: np.ndarray, target: np.ndarray) -> None:
        """Move electrodes to lines if that lowers the cost."""
        moved = self.owner.copy()
        moved[chosen] = target
        lines = sorted({*self.owner[chosen].tolist(), *target.tolist()})
        if len(self.known) > _MOST_TRIALS or np.array_equal(moved, self.owner):
            return
        if sum(self._cost(line, moved) for line in lines) < sum(self._cost(line, self.owner) for line in lines) - _GAIN:
            self.owner = moved

    def _row(self, line: int, owner: np.ndarray) -> tuple[int, ...]:
        own = np.flatnonzero(owner == line)
        return tuple(own[np.argsort(self.candidates.along[line, own], kind="stable")].tolist())

    def _cost(self, line: int, owner: np.ndarray) -> float:
        own = self._row(line, owner)
        if (line, own) not in self.known:
            nearness = float(self.candidates.costs[line, list(own)].sum())
            self.known[line, own] = self.row_cost(line, own) + nearness
        return self.known[line, own]

    def _moves(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Electrodes and the lines where they might go: all that two lines could both have, parts, and single ones."""
        common = np.triu(self.possible.astype(int) @ self.possible.T.astype(int), k=1)
        for first, second in np.argwhere(common).tolist():
            shared = np.flatnonzero(self.possible[first] & self.possible[second])
            if not np.isin(self.owner[shared], (first, second)).any():
                continue
            shared = shared[np.argsort(self.candidates.along[first, shared], kind="stable")]
            for part in self._parts(first, shared):
                yield shared, np.where(part, first, second)
                yield shared, np.where(part, second, first)
            for one in shared:
                yield np.array([one]), np.array([second if self.owner[one] == first else first])

    def _parts(self, line: int, shared: np.ndarray) -> list[np.ndarray]:
        """Ways to divide electrodes in order along a line: not at all, by its sides, and before and behind a place."""
        order = np.arange(len(shared))
        parts = [order < 0]
        if len(shared) > 1:
            parts += [self.candidates.side[line, shared] > 0, *(order < count for count in range(2, len(shared) - 1))]
        if len(shared) == 4:
            parts += [(order == 0) | (order == 2), (order == 0) | (order == 3)]
        return parts
