"""The smooth line of a device through the segments of a skeleton."""

from __future__ import annotations

from collections import deque

import numpy as np

from custom.postprocessing.centerlines.centerline import Centerline
from custom.postprocessing.centerlines.chains import Chain
from custom.postprocessing.centerlines.junctions import End
from custom.postprocessing.centerlines.smoothing import smoothed
from custom.postprocessing.polyline import arc_length, resample_polyline
from custom.postprocessing.skeleton.field import Field
from custom.postprocessing.skeleton.graph import Segment
from custom.postprocessing.skeleton.tracing import FREE

_JUNCTION_WEIGHT = 0.03


def draw_centerline(chain: Chain, segments: list[Segment], inner: frozenset[int], field: Field) -> Centerline:
    """The smooth line of a device, which trusts the skeleton less near junctions.

    Args:
        chain: the segments of the device.
        segments: of the skeleton.
        inner: indices of those inside junctions.
        field: of view.
    """
    pieces, weights = [], []
    previous: End | None = None
    for end, out in chain.passages:
        segment = segments[end[0]]
        if previous is not None:
            between = _between(previous, end, segments, inner)
            pieces.append(between)
            weights.append(np.full(len(between), _JUNCTION_WEIGHT))
        pieces.append(segment.from_end(end[1]))
        weights.append(_trust(segment, end[1]))
        previous = out
    path = np.concatenate(pieces)
    points = resample_polyline(path, 1.0)
    reached = arc_length(path)
    trust = np.interp(np.linspace(0, reached[-1], len(points)), reached, np.concatenate(weights))
    line = smoothed(points, trust, closed=chain.closed)
    parts = [segments[end[0]] for end, _ in chain.passages]
    width = sum(part.width * len(part.points) for part in parts) / sum(len(part.points) for part in parts)
    return Centerline(line, width, (field.is_border(line[0]), field.is_border(line[-1])))


def _trust(segment: Segment, side: int) -> np.ndarray:
    """Weights of a segment's points: near a junction the skeleton bends towards it."""
    weights = np.ones(len(segment.points))
    reach = min(round(segment.width / 2) + 1, len(weights) // 2)
    if segment.nodes[0] != FREE:
        weights[:reach] = _JUNCTION_WEIGHT
    if segment.nodes[1] != FREE:
        weights[len(weights) - reach :] = _JUNCTION_WEIGHT
    return weights if side == 0 else weights[::-1]


def _between(out: End, end: End, segments: list[Segment], inner: frozenset[int]) -> np.ndarray:
    """Points from one segment to the next: along the segments inside their junction, or straight."""
    start, stop = segments[out[0]].nodes[out[1]], segments[end[0]].nodes[end[1]]
    first = segments[out[0]].from_end(out[1])[0]
    last = segments[end[0]].from_end(end[1])[0]
    route = _inner_route(start, stop, segments, inner)
    return resample_polyline(np.concatenate([first[None], *route, last[None]]), 1.0)[1:-1]


def _inner_route(start: int, stop: int, segments: list[Segment], inner: frozenset[int]) -> list[np.ndarray]:
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
                    waiting.append((other, [*route, segments[index].from_end(side)]))
    return []
