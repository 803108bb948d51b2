"""The centrelines of the devices on a mask, one pixel thin and then smooth (paper, section 4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from custom.postprocessing.catheter_search import ChainCosts, choose_pairings
from custom.postprocessing.catheter_type_fit import ElectrodeRow
from custom.postprocessing.centerline_chains import Chain, chains_of, run_on
from custom.postprocessing.centerline_graph import FREE, Segment, skeleton_graph
from custom.postprocessing.centerline_junctions import End, find_junctions
from custom.postprocessing.centerline_smoothing import resampled, smoothed
from custom.postprocessing.centerline_stars import Star, find_stars

_JUNCTION_WEIGHT = 0.03


@dataclass(frozen=True)
class Centerline:
    """A device's line on a frame.

    Attributes:
        points: (N, 2) float x and y, about a pixel apart.
        width: mean width of the mask along it, in pixels.
        at_border: whether the first and the last point lie on the frame's border.
        arms: (M, 2) points of each arm of a star at its first point, from the arm's tip.
    """

    points: np.ndarray
    width: float
    at_border: tuple[bool, bool]
    arms: tuple[np.ndarray, ...] = ()

    def reversed(self) -> Centerline:
        """The same from its other end."""
        return replace(self, points=self.points[::-1], at_border=(self.at_border[1], self.at_border[0]))


def find_centerlines(
    mask: np.ndarray, boxes: np.ndarray, row_cost: Callable[[ElectrodeRow], float]
) -> list[Centerline]:
    """Skeletonise a mask and resolve branches and crossings into devices.

    Args:
        mask: (rows, columns), true on catheters and wires.
        boxes: (K, 4) x, y, width and height of the electrodes.
        row_cost: negative log likelihood of a row of electrodes, which tells right from wrong turns at crossings.
    """
    segments = skeleton_graph(mask)
    if not segments:
        return []
    stars = find_stars(segments, boxes[:, :2])
    apart = frozenset().union(*(star.members for star in stars))
    junctions, inner = find_junctions(segments, apart)
    outer = [index for index in range(len(segments)) if index not in apart | inner]
    costs = ChainCosts(segments, boxes, mask.shape, row_cost)
    partner = choose_pairings(junctions, outer, costs)
    chains = chains_of(outer, partner)
    for junction in junctions:
        for end in junction.ends:
            if end not in partner:
                chains = [
                    run_on(chain, chain.ends.index(end), junction, partner)
                    if end in chain.ends and not costs.ends_in_tip(chain, chain.ends.index(end))
                    else chain
                    for chain in chains
                ]
    lines = [_centerline(chain, segments, inner, mask.shape) for chain in chains]
    for star in stars:
        _attach(star, chains, lines, segments)
    return lines


def _attach(star: Star, chains: list[Chain], lines: list[Centerline], segments: list[Segment]) -> None:
    """Give a star to the longest line that ends in it, its shaft."""
    shafts = []
    for number, chain in enumerate(chains):
        for side, end in enumerate(chain.ends):
            if segments[end[0]].nodes[end[1]] in star.nodes and not lines[number].arms:
                shafts.append((len(lines[number].points), number, side))
    if not shafts:
        longest = max(star.arms, key=len)
        lines.append(Centerline(longest[::-1], 2.0, (False, False), star.arms))
        return
    _, number, side = max(shafts)
    line = lines[number].reversed() if side else lines[number]
    lines[number] = replace(line, arms=star.arms)


def _centerline(chain: Chain, segments: list[Segment], inner: frozenset[int], shape: tuple[int, ...]) -> Centerline:
    pieces, weights = [], []
    previous: End | None = None
    for end, out in chain.passages:
        segment = segments[end[0]]
        points = segment.points if end[1] == 0 else segment.points[::-1]
        if previous is not None:
            between = _between(previous, end, segments, inner)
            pieces.append(between)
            weights.append(np.full(len(between), _JUNCTION_WEIGHT))
        pieces.append(points)
        weights.append(_trust(segment, end[1]))
        previous = out
    points, weight = _even(np.concatenate(pieces), np.concatenate(weights))
    line = smoothed(points, weight, closed=chain.closed)
    parts = [segments[end[0]] for end, _ in chain.passages]
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


def _between(out: End, end: End, segments: list[Segment], inner: frozenset[int]) -> np.ndarray:
    """Points from one segment to the next: along the segments inside their junction, or straight."""
    start, stop = segments[out[0]].nodes[out[1]], segments[end[0]].nodes[end[1]]
    first = segments[out[0]].points[-1 if out[1] else 0]
    last = segments[end[0]].points[-1 if end[1] else 0]
    route = _inner_route(start, stop, segments, inner)
    return resampled(np.concatenate([first[None], *route, last[None]]))[1:-1]


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
                    points = segments[index].points
                    waiting.append((other, [*route, points if side == 0 else points[::-1]]))
    return []


def _near_border(point: np.ndarray, shape: tuple[int, ...]) -> bool:
    x, y = point
    return bool(min(x, y, shape[1] - 1 - x, shape[0] - 1 - y) < 2.5)
