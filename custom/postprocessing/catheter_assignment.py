"""Which electrode lies on which device: on the line it is nearest to, unless a type's pattern says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_rows import Row
from custom.postprocessing.centerline import Centerline
from custom.postprocessing.centerline_junctions import ray_of
from custom.postprocessing.polyline import arc_length

_BEYOND_END = 15  # pixels over which electrodes may go on where the mask ends
_LINE_ERROR_PX = 1.5
_LEFT_OUT_COST = 5.0
_MOST_TRIALS = 120


@dataclass(frozen=True)
class Candidates:
    """Where electrodes would lie on each line.

    Attributes:
        along: (L, K) distance along the line from its first point, negative or beyond its length where it is prolonged.
        costs: (L, K) negative log likelihood of the electrode's distance from the line, infinite where it is too far.
    """

    along: np.ndarray
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
    costs = np.full((len(lines), len(boxes)), np.inf)
    for number, line in enumerate(lines):
        points, start = _prolonged(line)
        gaps = cdist(boxes[:, :2], points)
        nearest = gaps.argmin(axis=1)
        distance = gaps[np.arange(len(boxes)), nearest]
        along[number] = arc_length(points)[nearest] - start
        if line.star is not None:
            distance = np.minimum(distance, cdist(boxes[:, :2], line.star.body).min(axis=1))
        near = distance < np.maximum(line.width, boxes[:, 2:4].max(axis=1, initial=0)) / 2 + 1.5
        costs[number, near] = 0.5 * (distance[near] / _LINE_ERROR_PX) ** 2
    return Candidates(along, costs)


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


def assign(candidates: Candidates, row_cost: Callable[[int, tuple[int, ...]], float]) -> list[list[int]]:
    """Give electrodes to lines so that rows are probable and electrodes near.

    It starts from the nearest line of each electrode and then moves those that could lie on several, one by one and all
    that two lines could share, as long as the sum of all costs falls.

    Args:
        candidates: of L lines and K electrodes.
        row_cost: of a line with some electrodes, in order along it.

    Returns:
        The electrodes of each line, in order along it.
    """
    lines, count = candidates.costs.shape
    if lines == 0 or count == 0:
        return [[] for _ in range(lines)]
    owner = np.where(np.isfinite(candidates.costs).any(axis=0), candidates.costs.argmin(axis=0), -1)
    known: dict[tuple[int, tuple[int, ...]], float] = {}

    def row(line: int, owners: np.ndarray) -> tuple[int, ...]:
        own = np.flatnonzero(owners == line)
        return tuple(own[np.argsort(candidates.along[line, own], kind="stable")].tolist())

    def cost(line: int, owners: np.ndarray) -> float:
        if line < 0:
            return _LEFT_OUT_COST * int((owners == -1).sum())
        own = row(line, owners)
        if (line, own) not in known:
            known[line, own] = row_cost(line, own) + float(candidates.costs[line, list(own)].sum())
        return known[line, own]

    for _ in range(3):
        improved = False
        for chosen, source, target in _moves(candidates, owner):
            if len(known) > _MOST_TRIALS:
                break
            moved = owner.copy()
            moved[chosen] = target
            before = cost(source, owner) + cost(target, owner)
            if cost(source, moved) + cost(target, moved) < before - 0.5:
                owner, improved = moved, True
        if not improved:
            break
    return [list(row(line, owner)) for line in range(lines)]


def _moves(candidates: Candidates, owner: np.ndarray) -> Iterable[tuple[list[int], int, int]]:
    """Electrodes that could go from one line to another: all of a line's together, then one by one."""
    possible = np.isfinite(candidates.costs)
    moves = []
    for source in np.unique(owner[owner >= 0]).tolist():
        own = owner == source
        for target in range(len(possible)):
            shared = np.flatnonzero(own & possible[target])
            if target != source and len(shared):
                if len(shared) > 1:
                    moves.append((shared.tolist(), source, target))
                moves += [([int(one)], source, target) for one in shared]
    return moves
