"""Which segments of a skeleton may go on as which others where catheters cross, touch and run together."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from custom.compiled import compiled
from custom.postprocessing.polyline import unit_vector
from custom.postprocessing.skeleton.graph import Segment, joined_nodes
from custom.postprocessing.skeleton.tracing import FREE

_REACH = 12  # pixels over which a segment's direction is measured
STOP = 0.85  # what ending costs, in radians of turning
_SHARP = 2.4  # more than a device turns by
_STRAIGHT = 0.7  # less than a device turns by that joins another
_TURN_PER_PIXEL = 0.017  # devices bend
_MOST_ENDS = 8  # of a junction for which every pairing is tried
_MOST_PAIRINGS = 6
_PLAUSIBLE = 1.2  # radians of turning more than the straightest pairing
_WIDTH_ERROR = 0.17  # relative
_WIDTH_COST, _MOST_WIDTH_COST = 0.1, 0.5  # of a difference of that error and at most, in radians of turning
_MEASURABLE = 12  # pixels of a segment from which on its width tells

End = tuple[int, int]  # index of a segment, and 0 for its first or 1 for its last point


class Ray(NamedTuple):
    """How a segment leaves a junction: a point on it and its unit direction there, both (x, y)."""

    point: tuple[float, float]
    direction: tuple[float, float]


class Pairing(NamedTuple):
    """One way in which the segments at a junction may go on as each other, and what they turn by in all, in radians."""

    turn: float
    pairs: tuple[tuple[End, End], ...]


class Junction(NamedTuple):
    """A place where devices cross, touch or run together.

    Attributes:
        ends: of the segments there.
        pairings: how they may go on, the straightest first.
        turns: radians that a device turns by from one end to another.
    """

    ends: list[End]
    pairings: list[Pairing]
    turns: dict[tuple[End, End], float]

    def joined(self, end: End, partner: dict[End, End]) -> End | None:
        """The end with a partner that another one, without, runs on with as if they were one; `None` if it stops."""
        others = [other for other in self.ends if other[0] != end[0] and other in partner]
        best = min(others, key=lambda other: self.turns[end, other], default=None)
        return best if best is not None and self.turns[end, best] < _STRAIGHT else None


def find_junctions(segments: list[Segment], apart: frozenset[int]) -> tuple[list[Junction], frozenset[int]]:
    """Find how segments may go on; junctions that touch count as one.

    Args:
        segments: of the skeleton.
        apart: indices of those that go on as none.

    Returns:
        The junctions, and the indices of the segments inside them, where devices cannot be told apart.
    """
    rays = {(index, side): end_ray(segment, side) for index, segment in enumerate(segments) for side in (0, 1)}
    at_node: dict[int, list[End]] = defaultdict(list)
    for end in rays:
        at_node[segments[end[0]].nodes[end[1]]].append(end)
    inner = frozenset(
        index for index, item in enumerate(segments) if _is_inner(index, item, at_node, rays) and index not in apart
    )
    return [_junction(ends, rays, segments) for ends in _clusters(segments, inner, apart)], inner


def _junction(ends: list[End], rays: dict[End, Ray], segments: list[Segment]) -> Junction:
    turns = {(a, b): turning(rays[a], rays[b]) for a in ends for b in ends if a < b}
    turns |= {(b, a): turn for (a, b), turn in turns.items()}
    costs = {pair: turn + width_cost(*(segments[index] for index, _ in pair)) for pair, turn in turns.items()}
    if len(ends) > _MOST_ENDS:
        return Junction(ends, [_greedy_pairing(ends, costs)], turns)
    pairings = _straightest_pairings(tuple(ends), costs, {(): [Pairing(0.0, ())]})
    plausible = [pairing for pairing in pairings if pairing.turn < pairings[0].turn + _PLAUSIBLE]
    return Junction(ends, plausible, turns)


def width_cost(first: Segment, second: Segment) -> float:
    """How implausible it is that one device has the widths of two segments, in radians of turning."""
    if min(len(first.points), len(second.points)) < _MEASURABLE:
        return 0.0
    errors = math.log(first.width / second.width) / _WIDTH_ERROR
    return min(_WIDTH_COST * errors * errors, _MOST_WIDTH_COST)


def turning(first: Ray, second: Ray) -> float:
    """Radians that a device turns by on its way in along one ray and out along another."""
    inwards = (-first.direction[0], -first.direction[1])
    gap = (second.point[0] - first.point[0], second.point[1] - first.point[1])
    distance = math.hypot(*gap)
    if distance < 4:
        return _angle(inwards, second.direction)
    turn = _angle(inwards, gap) + _angle(gap, second.direction)
    return max(0.0, turn - _TURN_PER_PIXEL * distance)


def ray_of(points: np.ndarray, skip: float) -> Ray:
    """The ray along the first points of a line, without the `skip` first pixels."""
    return Ray(*_ray(points, skip))


@compiled
def _ray(points: np.ndarray, skip: float) -> tuple[tuple[float, float], tuple[float, float]]:
    first = min(round(skip), max(len(points) - 4, 0))
    last = min(first + _REACH, len(points) - 1)
    return (points[first, 0], points[first, 1]), unit_vector(points[first], points[last])


def end_ray(segment: Segment, side: int) -> Ray:
    """The ray along a segment from its first (0) or last (1) end, without what bends towards the junction."""
    return ray_of(segment.from_end(side), segment.width / 2)


def _angle(first: tuple[float, float], second: tuple[float, float]) -> float:
    (x, y), (other_x, other_y) = first, second
    # Plus 0.0, for the angle to no direction, that of a single pixel: with -0.0 it would be pi, on one side only.
    return abs(math.atan2(x * other_y - y * other_x, x * other_x + y * other_y + 0.0))


def _is_inner(index: int, segment: Segment, at_node: dict[int, list[End]], rays: dict[End, Ray]) -> bool:
    if FREE in segment.nodes:
        return False
    if len(segment.points) < 1.2 * segment.width + 2:
        return True
    return segment.nodes[0] != segment.nodes[1] and all(
        _is_stem((index, side), at_node[segment.nodes[side]], rays) for side in (0, 1)
    )


def _is_stem(end: End, ends: list[End], rays: dict[End, Ray]) -> bool:
    """Whether the other segments of the junction all go on as this one, so that it is more than one device."""
    others = [other for other in ends if other != end]
    return len(others) >= 2 and all(turning(rays[end], rays[other]) < _STRAIGHT for other in others)


def _clusters(segments: list[Segment], inner: frozenset[int], apart: frozenset[int]) -> Iterable[list[End]]:
    """The ends at every junction, where junctions that an inner segment joins are one."""
    joined = joined_nodes(segments[index] for index in inner)
    ends: dict[int, list[End]] = defaultdict(list)
    for index, segment in enumerate(segments):
        for side, node in enumerate(segment.nodes):
            if node != FREE and index not in inner and index not in apart:
                ends[joined.get(node, node)].append((index, side))
    return ends.values()


def _straightest_pairings(
    ends: tuple[End, ...], turns: dict[tuple[End, End], float], known: dict[tuple[End, ...], list[Pairing]]
) -> list[Pairing]:
    """The ways to pair ends that turn least, in order; an end without a partner costs `STOP`.

    Args:
        ends: of the segments.
        turns: from one end to another.
        known: what is known of some ends already, and gets to be known.
    """
    if ends not in known:
        first, rest = ends[0], ends[1:]
        found = [Pairing(turn + STOP, pairs) for turn, pairs in _straightest_pairings(rest, turns, known)]
        for position, other in enumerate(rest):
            if turns[first, other] < _SHARP:
                others = _straightest_pairings(rest[:position] + rest[position + 1 :], turns, known)
                found += [Pairing(turn + turns[first, other], ((first, other), *pairs)) for turn, pairs in others]
        known[ends] = sorted(found, key=lambda pairing: pairing.turn)[:_MOST_PAIRINGS]
    return known[ends]


def _greedy_pairing(ends: list[End], turns: dict[tuple[End, End], float]) -> Pairing:
    pairs = disjoint_pairs({pair: turn for pair, turn in turns.items() if turn < 2 * STOP})
    return Pairing(sum(turns[pair] for pair in pairs) + STOP * (len(ends) - 2 * len(pairs)), tuple(pairs))


def disjoint_pairs(costs: dict[tuple[End, End], float]) -> list[tuple[End, End]]:
    """The pairs that are left when one after the other, the cheapest first, takes its ends from those that follow."""
    pairs: list[tuple[End, End]] = []
    taken: set[End] = set()
    for pair in sorted(costs, key=costs.__getitem__):
        if not taken & set(pair):
            pairs.append(pair)
            taken |= set(pair)
    return pairs
