"""Which segments of a skeleton make up a device: those that turn little and whose electrodes make up a pattern."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_types.row import TIP_MARGIN, ElectrodeRow
from custom.postprocessing.centerlines.chains import Chain, chains_of
from custom.postprocessing.centerlines.junctions import End, Junction, Pairing
from custom.postprocessing.polyline import headings_of, polyline_length, unit_vector
from custom.postprocessing.skeleton.field import Field
from custom.postprocessing.skeleton.graph import Segment
from custom.postprocessing.skeleton.tracing import FREE

_TURN_COST = 5.0  # of a radian
_CLOSED_COST = 6.0  # devices are not rings
_FLOATING_COST = 4.5  # those with electrodes come from outside the frame
_ON_SEGMENT = 2.0
_MOST_ROWS = 40
_GAIN = 0.1


class _OnSegment(NamedTuple):
    """An electrode on a segment: its place along it, its index, and the direction of the segment there."""

    along: float
    electrode: int
    direction: tuple[float, float]


class ChainCosts:
    """How improbable chains of segments are, given electrodes.

    Args:
        segments: of the skeleton.
        boxes: (K, 4) x, y, width and height of the electrodes.
        field: of view.
        row_cost: of a row of electrodes.
        least_cost: what a row of so many electrodes costs at least, cut by the border or not.
    """

    def __init__(
        self,
        segments: list[Segment],
        boxes: np.ndarray,
        field: Field,
        row_cost: Callable[[ElectrodeRow], float],
        least_cost: Callable[[int, bool], float],
    ) -> None:
        self.segments = segments
        self.boxes = boxes
        self.row_cost = row_cost
        self.least_cost = least_cost
        self.lengths = [polyline_length(segment.points) for segment in segments]
        self.at_border = {
            (index, side): segment.nodes[side] == FREE and field.is_border(segment.from_end(side)[0])
            for index, segment in enumerate(segments)
            for side in (0, 1)
        }
        self.points = {
            (index, side): tuple(segment.from_end(side)[0].tolist())
            for index, segment in enumerate(segments)
            for side in (0, 1)
        }
        self.on_segment = self._electrodes()
        self.known: dict[Chain, float] = {}

    def _electrodes(self) -> list[list[_OnSegment]]:
        """Of each segment, its electrodes in order."""
        found: list[list[_OnSegment]] = [[] for _ in self.segments]
        if not len(self.boxes):
            return found
        points = np.concatenate([segment.points for segment in self.segments])
        starts = list(accumulate((len(segment.points) for segment in self.segments), initial=0))
        distance = cdist(self.boxes[:, :2], points)
        nearest, least = distance.argmin(axis=1).tolist(), distance.min(axis=1).tolist()
        for electrode, (place, gap) in enumerate(zip(nearest, least, strict=True)):
            index = bisect_right(starts, place) - 1
            segment = self.segments[index]
            if gap < segment.width / 2 + _ON_SEGMENT:
                at, last = place - starts[index], len(segment.points) - 1
                along = self.lengths[index] * at / max(last, 1)
                direction = unit_vector(segment.points[max(at - 4, 0)], segment.points[min(at + 4, last)])
                found[index].append(_OnSegment(along, electrode, direction))
        return [sorted(items, key=lambda item: item.along) for items in found]

    def has_electrodes(self, chain: Chain) -> bool:
        """Whether any lie on a chain."""
        return any(self.on_segment[come_in[0]] for come_in, _ in chain.passages)

    def look_at(self, chains: list[Chain]) -> None:
        """Work out the negative log likelihoods of chains."""
        for chain in chains:
            if chain not in self.known:
                row = self._row(chain)
                self.known[chain] = self._shape_cost(chain) + row.tip_cost() + self.row_cost(row)

    def least(self, chain: Chain) -> float:
        """What a chain costs at least."""
        if chain in self.known:
            return self.known[chain]
        count = sum(len(self.on_segment[come_in[0]]) for come_in, _ in chain.passages)
        return self._shape_cost(chain) + self.least_cost(count, any(self.at_border[end] for end in chain.ends))

    def _shape_cost(self, chain: Chain) -> float:
        floats = self.has_electrodes(chain) and not any(self.at_border[end] for end in chain.ends)
        return (_CLOSED_COST if chain.closed else 0.0) + (_FLOATING_COST if floats else 0.0)

    def _row(self, chain: Chain) -> ElectrodeRow:
        along, electrodes, directions, length = self._unrolled(chain)
        first, last = chain.ends
        if electrodes and length - along[-1] < along[0]:
            along, electrodes, directions, first = length - along[::-1], electrodes[::-1], -directions[::-1], last
        return ElectrodeRow(along, headings_of(directions), self.boxes[electrodes], cut=self.at_border[first])

    def ends_in_tip(self, chain: Chain, side: int) -> bool:
        """Whether the electrodes at a chain's end say that the device ends there, rather than at the other end."""
        along, electrodes, _, length = self._unrolled(chain)
        if not electrodes:
            return False
        distances = (along[0], length - along[-1])
        return bool(distances[side] < min(TIP_MARGIN, distances[1 - side]))

    def _unrolled(self, chain: Chain) -> tuple[np.ndarray, list[int], np.ndarray, float]:
        """Places along the chain, indices and directions of its electrodes, and the chain's length."""
        along: list[float] = []
        electrodes: list[int] = []
        directions: list[tuple[float, float]] = []
        length = 0.0
        previous: tuple[float, float] | None = None
        for come_in, out in chain.passages:
            index, side = come_in
            if previous is not None:
                length += math.dist(self.points[come_in], previous)
            for place, electrode, (x, y) in self.on_segment[index] if side == 0 else self.on_segment[index][::-1]:
                along.append(length + (place if side == 0 else self.lengths[index] - place))
                electrodes.append(electrode)
                directions.append((x, y) if side == 0 else (-x, -y))
            length += self.lengths[index]
            previous = self.points[out]
        return np.array(along), electrodes, np.array(directions).reshape(-1, 2), length


def choose_pairings(junctions: list[Junction], outer: list[int], costs: ChainCosts) -> dict[End, End]:
    """Choose one pairing at each junction, so that turns and rows of electrodes cost least in all.

    Args:
        junctions: with their possible pairings.
        outer: indices of the segments that are not inside junctions.
        costs: of chains.

    Returns:
        The end as which each end goes on.
    """
    partner = _partners(junction.pairings[0] for junction in junctions)
    chains = chains_of(outer, partner)
    costs.look_at(chains)
    through = _chain_of_segments(chains)
    for junction in junctions:
        if len(costs.known) > _MOST_ROWS:
            break
        chains = list(dict.fromkeys(through[index] for index, _ in junction.ends if index in through))
        partner, changed = _best_pairing(junction, chains, outer, partner, costs)
        through |= _chain_of_segments(changed)
    return partner


def _best_pairing(
    junction: Junction, chains: list[Chain], outer: list[int], partner: dict[End, End], costs: ChainCosts
) -> tuple[dict[End, End], list[Chain]]:
    """The end as which each end goes on, and the chains through a junction, once that is as it costs least.

    Args:
        junction: with its first pairing chosen.
        chains: through it.
        outer: indices of the segments that are not inside junctions.
        partner: the end as which each end goes on so far.
        costs: of chains.
    """
    segments = _chain_of_segments(chains)
    own = [index for index in outer if index in segments]
    others = {end: other for end, other in partner.items() if end not in junction.ends}
    total = _total(junction.pairings[0], chains, costs)
    trials = [(pairing, others | _partners([pairing])) for pairing in junction.pairings[1:]]
    options = [(pairing, trial, chains_of(own, trial)) for pairing, trial in trials]
    options = [option for option in options if _total(option[0], option[2], costs) < total - _GAIN]
    costs.look_at([chain for _, _, part in options for chain in part])
    for pairing, trial, part in options:
        cost = _total(pairing, part, costs)
        if cost < total - _GAIN:
            partner, chains, total = trial, part, cost
    return partner, chains


def _chain_of_segments(chains: list[Chain]) -> dict[int, Chain]:
    return {come_in[0]: chain for chain in chains for come_in, _ in chain.passages}


def _total(pairing: Pairing, chains: list[Chain], costs: ChainCosts) -> float:
    """What a pairing and chains cost, or at least cost where that has not been worked out."""
    return _TURN_COST * pairing.turn + sum([costs.least(chain) for chain in chains])


def _partners(chosen: Iterable[Pairing]) -> dict[End, End]:
    """The pairs of pairings, both ways."""
    pairs = [pair for pairing in chosen for pair in pairing.pairs]
    return dict(pairs) | {second: first for first, second in pairs}
