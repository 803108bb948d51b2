"""Where a device goes on beyond a gap in the mask: a shaft too faint to be seen, something in front of it."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from custom.postprocessing.centerlines.junctions import STOP, End, Junction, Pairing, disjoint_pairs, end_ray, turning
from custom.postprocessing.skeleton.field import Field
from custom.postprocessing.skeleton.graph import Segment
from custom.postprocessing.skeleton.tracing import FREE

_LONGEST_PX = 60.0
_SHARPEST = 1.0  # radians
_TURN_PER_PIXEL = 1 / 120  # what a gap costs, in radians of turning
_SPECK_PX = 12  # of mask, in gaps most of all: one that is shorter points nowhere


def find_gaps(segments: list[Segment], field: Field) -> list[Junction]:
    """Pair free ends that point at each other, the nearest and straightest first.

    Args:
        segments: of the skeleton.
        field: of view.

    Returns:
        A junction of two ends for each gap, which devices cross or not.
    """
    ends = [
        (index, side)
        for index, segment in enumerate(segments)
        for side in (0, 1)
        if segment.nodes[side] == FREE and not _is_speck(segment) and not field.is_border(segment.from_end(side)[0])
    ]
    if len(ends) < 2:
        return []
    rays = {(index, side): end_ray(segments[index], side) for index, side in ends}
    tips = np.stack([segments[index].from_end(side)[0] for index, side in ends])
    gaps = cdist(tips, tips)
    costs: dict[tuple[End, End], float] = {}
    for first, second in np.argwhere(np.triu(gaps < _LONGEST_PX, k=1)).tolist():
        one, other = ends[first], ends[second]
        turn = turning(rays[one], rays[other])
        if one[0] != other[0] and turn < _SHARPEST:
            costs[one, other] = turn + _TURN_PER_PIXEL * gaps[first, second]
    return [_gap(pair, costs[pair]) for pair in disjoint_pairs(costs)]


def _gap(ends: tuple[End, End], cost: float) -> Junction:
    pairings = [Pairing(cost, (ends,)), Pairing(STOP, ())]
    return Junction(list(ends), sorted(pairings, key=lambda pairing: pairing.turn), {})


def _is_speck(segment: Segment) -> bool:
    return segment.nodes == (FREE, FREE) and len(segment.points) < _SPECK_PX
