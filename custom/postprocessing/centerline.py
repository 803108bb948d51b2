"""The centrelines of the devices on a mask, one pixel thin and then smooth (paper, section 4)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from custom.postprocessing.centerline_graph import FREE, Segment, skeleton_graph
from custom.postprocessing.centerline_junctions import End, Junctions, resolve_junctions
from custom.postprocessing.centerline_smoothing import resampled, smoothed

_JUNCTION_WEIGHT = 0.03


@dataclass(frozen=True)
class Centerline:
    """A device's line on a frame.

    Attributes:
        points: (N, 2) float x and y, about a pixel apart.
        width: mean width of the mask along it, in pixels.
        at_border: whether the first and the last point lie on the frame's border.
    """

    points: np.ndarray
    width: float
    at_border: tuple[bool, bool]


@dataclass(frozen=True)
class _Chain:
    ends: list[tuple[End, End]]  # of its segments, in and out
    closed: bool


def find_centerlines(mask: np.ndarray) -> list[Centerline]:
    """Skeletonise a mask and resolve branches and crossings into devices.

    Args:
        mask: (rows, columns), true on catheters and wires.
    """
    segments = skeleton_graph(mask)
    junctions = resolve_junctions(segments)
    chains = _chains(segments, junctions)
    return [_centerline(chain, segments, junctions, mask.shape) for chain in chains]


def _chains(segments: list[Segment], junctions: Junctions) -> list[_Chain]:
    chains: list[_Chain] = []
    seen = set(junctions.inner)
    ends = [(index, side) for index in range(len(segments)) for side in (0, 1)]
    for first in [end for end in ends if end not in junctions.partner] + ends:
        if first[0] in seen:
            continue
        chain = _follow(first, junctions)
        seen |= {end[0] for end, _ in chain}
        closed = junctions.partner.get(chain[-1][1]) == first
        chains.append(_Chain(chain, closed))
    return [_with_shared(chain, junctions) for chain in chains]


def _follow(first: End, junctions: Junctions) -> list[tuple[End, End]]:
    chain: list[tuple[End, End]] = []
    seen = set()
    end: End | None = first
    while end is not None and end[0] not in seen:
        seen.add(end[0])
        out = (end[0], 1 - end[1])
        chain.append((end, out))
        end = junctions.partner.get(out)
    return chain


def _with_shared(chain: _Chain, junctions: Junctions) -> _Chain:
    """The chain, gone on along the devices that it runs as one with."""
    ends = chain.ends
    for _ in range(2):
        joined = junctions.shared.get(ends[-1][1])
        if joined is not None:
            own = {end[0] for end, _ in ends}
            tail = _follow(joined, junctions)
            stop = next((i for i, (end, _) in enumerate(tail) if end[0] in own), len(tail))
            ends = ends + tail[:stop]
        ends = [(out, end) for end, out in reversed(ends)]
    return _Chain(ends, chain.closed)


def _centerline(chain: _Chain, segments: list[Segment], junctions: Junctions, shape: tuple[int, ...]) -> Centerline:
    pieces, weights = [], []
    previous: End | None = None
    for end, out in chain.ends:
        segment = segments[end[0]]
        points = segment.points if end[1] == 0 else segment.points[::-1]
        if previous is not None:
            between = _between(previous, end, segments, junctions)
            pieces.append(between)
            weights.append(np.full(len(between), _JUNCTION_WEIGHT))
        pieces.append(points)
        weights.append(_trust(segment, end[1]))
        previous = out
    points, weight = _even(np.concatenate(pieces), np.concatenate(weights))
    line = smoothed(points, weight, closed=chain.closed)
    parts = [segments[end[0]] for end, _ in chain.ends]
    width = float(np.average([part.width for part in parts], weights=[len(part.points) for part in parts]))
    return Centerline(line, width, (_near_border(line[0], shape), _near_border(line[-1], shape)))


def _even(points: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    even = resampled(
        np.column_stack(
            [
                points,
            ]
        )
    )
    along = np.concatenate([[0.0], np.hypot(*np.diff(points, axis=0).T).cumsum()])
    wanted = np.linspace(0, along[-1], len(even))
    return even, np.interp(wanted, along, weights)


def _trust(segment: Segment, side: int) -> np.ndarray:
    """Weights of a segment's points: near a junction the skeleton bends towards it."""
    weights = np.ones(len(segment.points))
    reach = min(round(segment.width / 2) + 1, len(weights) // 2)
    if segment.nodes[0] != FREE:
        weights[:reach] = _JUNCTION_WEIGHT
    if segment.nodes[1] != FREE:
        weights[len(weights) - reach :] = _JUNCTION_WEIGHT
    return weights if side == 0 else weights[::-1]


def _between(out: End, end: End, segments: list[Segment], junctions: Junctions) -> np.ndarray:
    """Points from one segment to the next: along the segments inside their junction, or straight."""
    start, stop = segments[out[0]].nodes[out[1]], segments[end[0]].nodes[end[1]]
    first = segments[out[0]].points[-1 if out[1] else 0]
    last = segments[end[0]].points[-1 if end[1] else 0]
    route = _inner_route(start, stop, segments, junctions.inner)
    return resampled(np.concatenate([first[None], *route, last[None]]))[1:-1]


def _inner_route(start: int, stop: int, segments: list[Segment], inner: set[int]) -> list[np.ndarray]:
    waiting: deque[tuple[int, list[np.ndarray]]] = deque([(start, [])])
    seen = {start}
    while waiting:
        node, route = waiting.popleft()
        if node == stop:
            return route
        for index in inner:
            nodes = segments[index].nodes
            if node in nodes:
                side = nodes.index(node)
                other = nodes[1 - side]
                if other not in seen:
                    seen.add(other)
                    points = segments[index].points
                    waiting.append((other, [*route, points if side == 0 else points[::-1]]))
    return []


def _near_border(point: np.ndarray, shape: tuple[int, ...]) -> bool:
    x, y = point
    return bool(min(x, y, shape[1] - 1 - x, shape[0] - 1 - y) < 2.5)
