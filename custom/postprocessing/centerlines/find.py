"""The centrelines of the devices on a mask, one pixel thin and then smooth (paper, section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from custom.postprocessing.catheter_types.row import ElectrodeRow
from custom.postprocessing.centerlines.centerline import Centerline
from custom.postprocessing.centerlines.chains import Chain, chains_of, prolonged, tail_from
from custom.postprocessing.centerlines.drawing import draw_centerline
from custom.postprocessing.centerlines.gaps import find_gaps
from custom.postprocessing.centerlines.junctions import End, Junction, find_junctions
from custom.postprocessing.centerlines.search import ChainCosts, choose_pairings
from custom.postprocessing.centerlines.stars import Star, find_stars
from custom.postprocessing.skeleton.field import find_field
from custom.postprocessing.skeleton.graph import Segment, skeleton_graph


def find_centerlines(
    mask: np.ndarray,
    boxes: np.ndarray,
    row_cost: Callable[[ElectrodeRow], float],
    least_cost: Callable[[int, bool], float],
) -> list[Centerline]:
    """Skeletonise a mask and resolve branches and crossings into devices.

    Args:
        mask: (rows, columns), true on catheters and wires.
        boxes: (K, 4) x, y, width and height of the electrodes.
        row_cost: negative log likelihood of a row of electrodes, which tells right from wrong turns at crossings.
        least_cost: what a row of so many electrodes costs at least, cut by the border or not.
    """
    field = find_field(mask)
    segments = skeleton_graph(mask, field)
    if not segments:
        return []
    stars = find_stars(segments, boxes[:, :2])
    apart = frozenset().union(*(star.members for star in stars))
    junctions, inner = find_junctions(segments, apart)
    junctions += find_gaps(segments, field)
    outer = [index for index in range(len(segments)) if index not in apart | inner]
    costs = ChainCosts(segments, boxes, field, row_cost, least_cost)
    partner = choose_pairings(junctions, outer, costs)
    separate = chains_of(outer, partner)
    chains = _run_on(separate, junctions, partner, costs)
    lines = [
        replace(draw_centerline(chain, segments, inner, field), joins=chain != alone)
        for chain, alone in zip(chains, separate, strict=True)
    ]
    for star in stars:
        _attach(star, chains, lines, segments)
    return lines


def _run_on(chains: list[Chain], junctions: list[Junction], partner: dict[End, End], costs: ChainCosts) -> list[Chain]:
    """Chains, gone on where two devices run as one to the border of the frame, or to their tips."""
    at_end = {end: item for item in junctions if item.turns for end in item.ends if end not in partner}
    result = []
    for chain in chains:
        for side in (0, 1):
            end = chain.ends[side]
            if end in at_end and not costs.ends_in_tip(chain, side):
                tail = tail_from(end, at_end[end], partner, chain)
                if tail is not None and (not costs.has_electrodes(chain) or not costs.ends_in_tip(tail, 1)):
                    chain = prolonged(chain, side, tail)
        result.append(chain)
    return result


def _attach(star: Star, chains: list[Chain], lines: list[Centerline], segments: list[Segment]) -> None:
    """Give a star to the longest line that ends in it, its shaft."""
    shafts = []
    for number, chain in enumerate(chains):
        for side, end in enumerate(chain.ends):
            if segments[end[0]].nodes[end[1]] in star.nodes and lines[number].star is None:
                shafts.append((len(lines[number].points), number, side))
    if not shafts:
        longest = max(star.arms, key=len)
        lines.append(Centerline(longest[::-1], 2.0, (False, False), star))
        return
    _, number, side = max(shafts)
    line = lines[number].reversed if side else lines[number]
    lines[number] = replace(line, star=star)
