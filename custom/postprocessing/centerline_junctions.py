"""Which segments of a skeleton go on as which others where catheters cross, touch and run together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from custom.postprocessing.centerline_graph import FREE, Segment

_REACH = 12  # pixels over which a segment's direction is measured
_STOP = 0.6  # what ending costs, in radians of turning
_STRAIGHT = 0.7  # a device goes on where it turns by less than this
_TURN_PER_PIXEL = 0.012  # devices bend
_EXACT = 8  # most ends of a junction for which every pairing is tried

End = tuple[int, int]  # index of a segment, and 0 for its first or 1 for its last point


class Ray(NamedTuple):
    """How a segment leaves a junction: a point on it and its unit direction there, both (x, y)."""

    point: np.ndarray
    direction: np.ndarray


class Junctions(NamedTuple):
    """How segments continue.

    Attributes:
        partner: the end that a segment's end goes on as.
        shared: the end that it joins, where that one goes on as another already: two devices run as one.
        inner: indices of the segments inside junctions, where devices cannot be told apart.
    """

    partner: dict[End, End]
    shared: dict[End, End]
    inner: set[int]


def resolve_junctions(segments: list[Segment]) -> Junctions:
    """Pair the ends of segments at every junction so that they turn least; junctions that touch count as one."""
    rays = {(index, side): _ray(segment, side) for index, segment in enumerate(segments) for side in (0, 1)}
    inner = {index for index, segment in enumerate(segments) if _is_inner(index, segment, segments, rays)}
    junctions = Junctions({}, {}, inner)
    for ends in _clusters(segments, inner):
        _pair(ends, rays, junctions)
    return junctions


def turning(first: Ray, second: Ray) -> float:
    """Radians that a device turns by on its way in along one ray and out along another."""
    gap = second.point - first.point
    distance = float(np.hypot(*gap))
    if distance < 4:
        return _angle(-first.direction, second.direction)
    turn = _angle(-first.direction, gap) + _angle(gap, second.direction)
    return max(0.0, turn - _TURN_PER_PIXEL * distance)


def _angle(first: np.ndarray, second: np.ndarray) -> float:
    cross = first[0] * second[1] - first[1] * second[0]
    return float(abs(np.arctan2(cross, first @ second)))


def ray_of(points: np.ndarray, skip: float) -> Ray:
    """The ray along the first points of a line, without the `skip` first pixels."""
    first = min(round(skip), max(len(points) - 4, 0))
    last = min(first + _REACH, len(points) - 1)
    vector = points[last] - points[first]
    return Ray(points[first], vector / max(float(np.hypot(*vector)), 1e-9))


def _ray(segment: Segment, side: int) -> Ray:
    return ray_of(segment.points if side == 0 else segment.points[::-1], segment.width / 2)


def _is_inner(index: int, segment: Segment, segments: list[Segment], rays: dict[End, Ray]) -> bool:
    if FREE in segment.nodes:
        return False
    if len(segment.points) < 1.2 * segment.width + 2:
        return True
    return segment.nodes[0] != segment.nodes[1] and all(
        _is_stem((index, side), segment.nodes[side], segments, rays) for side in (0, 1)
    )


def _is_stem(end: End, node: int, segments: list[Segment], rays: dict[End, Ray]) -> bool:
    """Whether the other segments of the junction all go on as this one, so that it is more than one device."""
    others = [
        (index, side)
        for index, segment in enumerate(segments)
        for side in (0, 1)
        if segment.nodes[side] == node and (index, side) != end
    ]
    return len(others) >= 2 and all(turning(rays[end], rays[other]) < _STRAIGHT for other in others)


def _clusters(segments: list[Segment], inner: set[int]) -> Iterable[list[End]]:
    """The ends at every junction, where junctions that an inner segment joins are one."""
    root: dict[int, int] = {}

    def find(node: int) -> int:
        while root.setdefault(node, node) != node:
            node = root[node]
        return node

    for index in inner:
        root[find(segments[index].nodes[0])] = find(segments[index].nodes[1])
    ends: dict[int, list[End]] = defaultdict(list)
    for index, segment in enumerate(segments):
        for side, node in enumerate(segment.nodes):
            if node != FREE and index not in inner:
                ends[find(node)].append((index, side))
    return ends.values()


def _pair(ends: list[End], rays: dict[End, Ray], junctions: Junctions) -> None:
    turns = {(a, b): turning(rays[a], rays[b]) for a in ends for b in ends if a < b}
    turns |= {(b, a): turn for (a, b), turn in turns.items()}
    pairs = _best_pairs(ends, turns) if len(ends) <= _EXACT else _greedy_pairs(turns)
    for first, second in pairs:
        junctions.partner[first], junctions.partner[second] = second, first
    for end in ends:
        if end not in junctions.partner:
            others = [other for other in ends if other[0] != end[0] and other in junctions.partner]
            best = min(others, key=lambda other: turns[end, other], default=None)
            if best is not None and turns[end, best] < _STRAIGHT:
                junctions.shared[end] = best


def _best_pairs(ends: list[End], turns: dict[tuple[End, End], float]) -> list[tuple[End, End]]:
    """The pairs that turn least in all, where an end without a partner costs `_STOP`."""

    def best(remaining: tuple[End, ...]) -> tuple[float, list[tuple[End, End]]]:
        if not remaining:
            return 0.0, []
        first, rest = remaining[0], remaining[1:]
        cost, pairs = best(rest)
        result = (cost + _STOP, pairs)
        for position, other in enumerate(rest):
            turn = turns[first, other]
            if turn < 2 * _STOP:
                cost, pairs = best(rest[:position] + rest[position + 1 :])
                if cost + turn < result[0]:
                    result = (cost + turn, [(first, other), *pairs])
        return result

    return best(tuple(ends))[1]


def _greedy_pairs(turns: dict[tuple[End, End], float]) -> list[tuple[End, End]]:
    pairs: list[tuple[End, End]] = []
    taken: set[End] = set()
    for (first, second), turn in sorted(turns.items(), key=lambda item: item[1]):
        if turn < 2 * _STOP and not {first, second} & taken:
            pairs.append((first, second))
            taken |= {first, second}
    return pairs
