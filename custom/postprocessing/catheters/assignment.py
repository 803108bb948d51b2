"""Which electrode lies on which device: on the line it is nearest to, unless a type's pattern says otherwise."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter, or_
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from custom.compiled import compiled
from custom.postprocessing.catheters.rows import Row
from custom.postprocessing.centerlines.centerline import Centerline
from custom.postprocessing.centerlines.junctions import ray_of
from custom.postprocessing.polyline import arc_length

_BEYOND_END = 15  # pixels over which electrodes may go on where the mask ends
_LINE_ERROR_PX = 1.5
_BESIDE = 3.0  # pixels beside the mask or an electrode's box
_GAIN = 0.5
_SWEEPS = 2
_MOST_TRIALS = 40


class LineRow(NamedTuple):
    """Electrodes in order along the line of a number."""

    line: int
    electrodes: tuple[int, ...]


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

    def row(self, line: Centerline, row: LineRow) -> Row:
        """Electrodes with their places on their line."""
        return Row(line, row.electrodes, self.along[row.line, list(row.electrodes)])


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
        along[number], side[number], distance = _places(boxes, points)
        along[number] -= start
        if line.star is not None:
            distance = np.minimum(distance, cdist(boxes[:, :2], line.star.body).min(axis=1))
        near = distance < np.maximum(line.width, boxes[:, 2:4].max(axis=1, initial=0)) / 2 + _BESIDE
        costs[number, near] = 0.5 * (distance[near] / _LINE_ERROR_PX) ** 2
    return Candidates(along, side, costs)


@compiled
def _places(boxes: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of boxes (K, 4) the places along a line, on which side of it they lie, and how far from it, each (K,)."""
    reached = arc_length(points)
    along, side, distance = np.empty(len(boxes)), np.empty(len(boxes)), np.empty(len(boxes))
    for box in range(len(boxes)):
        nearest, least = 0, np.inf
        for point in range(len(points)):
            x, y = boxes[box, 0] - points[point, 0], boxes[box, 1] - points[point, 1]
            if x * x + y * y < least:
                nearest, least = point, x * x + y * y
        ahead = points[min(nearest + 1, len(points) - 1)] - points[max(nearest - 1, 0)]
        x, y = boxes[box, 0] - points[nearest, 0], boxes[box, 1] - points[nearest, 1]
        side[box] = ahead[0] * y - ahead[1] * x
        along[box], distance[box] = reached[nearest], math.hypot(x, y)
    return along, side, distance


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
        pieces.insert(0, np.subtract(before.point, steps * before.direction)[::-1])
        start = float(_BEYOND_END)
    if not line.at_border[1]:
        pieces.append(np.subtract(after.point, steps * after.direction))
    return np.concatenate(pieces), start


class Assignment:
    """Electrodes given to lines so that rows are probable and electrodes near.

    It starts from the nearest line of each electrode. Then those that two lines could have are moved, one by one and
    together, as long as the sum of all costs falls.

    Args:
        candidates: of L lines and K electrodes.
        row_cost: of a line with some electrodes, in order along it.
        least_cost: of a line with electrodes at some places along it, without a closer look.
    """

    def __init__(
        self,
        candidates: Candidates,
        row_cost: Callable[[LineRow], float],
        least_cost: Callable[[int, list[float]], float],
    ) -> None:
        self.candidates = candidates
        self.possible = np.isfinite(candidates.costs)
        self.along: list[list[float]] = candidates.along.tolist()
        self.in_order = [
            sorted(np.flatnonzero(possible).tolist(), key=along.__getitem__)
            for possible, along in zip(self.possible, self.along, strict=True)
        ]
        self.nearness: list[list[float]] = candidates.costs.tolist()
        self.row_cost = row_cost
        self.least_cost = least_cost
        self.owned = [0] * len(candidates.costs)  # sets of electrodes as bits: thousands are compared
        if len(self.owned):
            for electrode, line in enumerate(candidates.costs.argmin(axis=0).tolist()):
                self.owned[line] |= int(self.possible[line, electrode]) << electrode
        self.known: dict[tuple[int, int], float] = {}
        self.bounds: dict[tuple[int, int], float] = {}
        self.settled: dict[tuple[int, int], list[int]] = {}  # of pairs, what all lines owned when no move gained

    def improved(self) -> list[tuple[int, ...]]:
        """The electrodes of each line, in order along it."""
        pairs = np.argwhere(np.triu(self.possible.astype(int) @ self.possible.T.astype(int), k=1)).tolist()
        for _ in range(_SWEEPS):
            before = list(self.owned)
            for first, second in pairs:
                self._improve(first, second)
            if before == self.owned or len(self.known) > _MOST_TRIALS:
                break
        return [self._row(line, own) for line, own in enumerate(self.owned)]

    def _improve(self, first: int, second: int) -> None:
        """Make the move between two lines that gains most; those that cannot gain as much are not looked at closely."""
        if self.settled.get((first, second)) == self.owned:
            return
        moves = [self._changed({first: mine, second: yours}) for mine, yours in self._moves(first, second)]
        best: dict[int, int] = {}
        gained = _GAIN
        for most, move in sorted(((self._most_gain(move), move) for move in moves), key=itemgetter(0), reverse=True):
            if most <= gained:
                break
            gain = self._gain(move, gained)
            if gain > gained:
                best, gained = move, gain
        for line, own in best.items():
            self.owned[line] = own
        if not best:
            self.settled[first, second] = list(self.owned)

    def _most_gain(self, move: dict[int, int]) -> float:
        """How much a move lowers the cost at most, without a closer look at what it leads to."""
        return self._paid(move) - sum([self._least(line, own) for line, own in move.items()])

    def _gain(self, move: dict[int, int], enough: float) -> float:
        """How much a move lowers the cost; once that cannot be more than `enough`, how much it does at most."""
        paid = self._paid(move)
        costs = {line: self._least(line, own) for line, own in move.items()}
        for line, own in sorted(move.items(), key=lambda item: -item[1].bit_count()):
            costs[line] = self._cost(line, own)
            if paid - sum(costs.values()) <= enough:
                break
        return paid - sum(costs.values())

    def _paid(self, move: dict[int, int]) -> float:
        """What the lines of a move cost before it."""
        return sum([self._cost(line, self.owned[line]) for line in move])

    def _cost(self, line: int, own: int) -> float:
        """What a line with some electrodes costs."""
        if (line, own) not in self.known:
            row = LineRow(line, self._row(line, own))
            self.known[line, own] = self.row_cost(row) + self._nearness(row)
        return self.known[line, own]

    def _changed(self, gains: dict[int, int]) -> dict[int, int]:
        """What lines own that own something else once some have got electrodes."""
        chosen = functools.reduce(or_, gains.values())
        changed = {line: own & ~chosen for line, own in enumerate(self.owned) if own & chosen or line in gains}
        for line, gain in gains.items():
            changed[line] |= gain
        return {line: own for line, own in changed.items() if own != self.owned[line]}

    def _row(self, line: int, own: int) -> tuple[int, ...]:
        return tuple([electrode for electrode in self.in_order[line] if own >> electrode & 1])

    def _least(self, line: int, own: int) -> float:
        if (line, own) in self.known:
            return self.known[line, own]
        if (line, own) not in self.bounds:
            row = LineRow(line, self._row(line, own))
            along = [self.along[line][electrode] for electrode in row.electrodes]
            self.bounds[line, own] = self.least_cost(line, along) + self._nearness(row)
        return self.bounds[line, own]

    def _nearness(self, row: LineRow) -> float:
        costs = self.nearness[row.line]
        return sum([costs[electrode] for electrode in row.electrodes])

    def _moves(self, first: int, second: int) -> Iterator[tuple[int, int]]:
        """What two lines might take of the electrodes that both could have: all, parts, and single ones."""
        other = set(self.in_order[second])
        shared = [electrode for electrode in self.in_order[first] if electrode in other]
        bits = [1 << electrode for electrode in shared]
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
