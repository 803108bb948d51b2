"""Which electrode lies on which device: on the line it is nearest to, unless a type's pattern says otherwise."""

from __future__ import annotations

import functools
import operator
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
        least_cost: what that costs at least, without a closer look.
    """

    def __init__(
        self,
        candidates: Candidates,
        row_cost: Callable[[int, tuple[int, ...]], float],
        least_cost: Callable[[int, tuple[int, ...]], float],
    ) -> None:
        self.candidates = candidates
        self.possible = np.isfinite(candidates.costs)
        self.row_cost = row_cost
        self.least_cost = least_cost
        self.owned = [0] * len(candidates.costs)  # sets of electrodes as bits: thousands are compared
        if len(self.owned):
            for electrode, line in enumerate(candidates.costs.argmin(axis=0).tolist()):
                self.owned[line] |= int(self.possible[line, electrode]) << electrode
        self.known: dict[tuple[int, int], float] = {}

    def improved(self) -> list[tuple[int, ...]]:
        """The electrodes of each line, in order along it."""
        pairs = np.argwhere(np.triu(self.possible.astype(int) @ self.possible.T.astype(int), k=1)).tolist()
        for _ in range(_SWEEPS):
            before = list(self.owned)
            for first, second in pairs:
                for to_first, to_second in self._moves(first, second):
                    self._try({first: to_first, second: to_second})
            if before == self.owned:
                break
        return [self._row(line, own) for line, own in enumerate(self.owned)]

    def _try(self, gains: dict[int, int]) -> None:
        """Give electrodes to lines if that lowers the cost."""
        chosen = functools.reduce(operator.or_, gains.values())
        changed = {line: own & ~chosen for line, own in enumerate(self.owned) if own & chosen or line in gains}
        for line, gain in gains.items():
            changed[line] |= gain
        changed = {line: own for line, own in changed.items() if own != self.owned[line]}
        if not changed or len(self.known) > _MOST_TRIALS:
            return
        most = sum(self._cost(line, self.owned[line]) for line in changed) - _GAIN
        least = {line: self._least(line, own) for line, own in changed.items()}
        total = sum(least.values())
        for line, own in changed.items():
            if total >= most:
                return
            total += self._cost(line, own) - least[line]
        if total < most:
            for line, own in changed.items():
                self.owned[line] = own

    def _row(self, line: int, own: int) -> tuple[int, ...]:
        along = self.candidates.along[line]
        return tuple(sorted(_members(own), key=lambda electrode: float(along[electrode])))

    def _cost(self, line: int, own: int) -> float:
        if (line, own) not in self.known:
            row = self._row(line, own)
            self.known[line, own] = self.row_cost(line, row) + self._nearness(line, row)
        return self.known[line, own]

    def _least(self, line: int, own: int) -> float:
        if (line, own) in self.known:
            return self.known[line, own]
        row = self._row(line, own)
        return self.least_cost(line, row) + self._nearness(line, row)

    def _nearness(self, line: int, row: tuple[int, ...]) -> float:
        return float(self.candidates.costs[line, list(row)].sum())

    def _moves(self, first: int, second: int) -> Iterator[tuple[int, int]]:
        """What two lines might take of the electrodes that both could have: all, parts, and single ones."""
        shared = np.flatnonzero(self.possible[first] & self.possible[second])
        shared = shared[np.argsort(self.candidates.along[first, shared], kind="stable")]
        bits = [1 << electrode for electrode in shared.tolist()]
        everything = sum(bits)
        if not any(everything & self.owned[line] for line in (first, second)):
            return
        for part in self._parts(bits, self.candidates.side[first, shared]):
            yield part, everything & ~part
            yield everything & ~part, part
        for one in bits:
            yield (0, one) if self.owned[first] & one else (one, 0)

    def _parts(self, bits: list[int], side: np.ndarray) -> list[int]:
        """Ways to divide electrodes in order along a line: not at all, by its sides, and before and behind a place."""
        parts = [0, sum(bit for bit, right in zip(bits, (side > 0).tolist(), strict=True) if right)]
        parts += [sum(bits[:count]) for count in range(2, len(bits) - 1)]
        if len(bits) == 4:
            parts += [bits[0] | bits[2], bits[0] | bits[3]]
        return parts


def _members(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
