"""Star-shaped catheters on a skeleton: several short ends with electrodes around one place."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from custom.postprocessing.polyline import resample_polyline
from custom.postprocessing.skeleton.graph import Segment, joined_nodes
from custom.postprocessing.skeleton.tracing import FREE

_LONGEST_ARM = 90  # pixels; that of 20 mm at 0.25 mm a pixel
_LONGEST_LINK = 25
_LEAST_ARMS = 3
_HUB_RADIUS = 25.0
_LEAST_ELECTRODES = 9
_ON_ARM = (2, 6)  # electrodes on an arm; two arms may lie behind each other
_BESIDE = 3.0


class Star(NamedTuple):
    """A star on a skeleton.

    Attributes:
        arms: (N, 2) points of each arm that is seen by itself, from its tip.
        body: (M, 2) points of all of it but its shaft.
        members: indices of the segments that the star is made of, without its shaft.
        nodes: junctions within it.
    """

    arms: tuple[np.ndarray, ...]
    body: np.ndarray
    members: frozenset[int]
    nodes: frozenset[int]


def find_stars(segments: list[Segment], electrodes: np.ndarray) -> list[Star]:
    """Find the places where three or more free ends with two or more electrodes each meet.

    Args:
        segments: of the skeleton.
        electrodes: (K, 2) x and y.
    """
    if len(electrodes) < _LEAST_ELECTRODES:
        return []
    counts = _electrodes_on(segments, electrodes)
    arms = [
        index
        for index, segment in enumerate(segments)
        if _ON_ARM[0] <= counts[index] <= _ON_ARM[1] and segment.is_leaf and len(segment.points) < _LONGEST_ARM
    ]
    if len(arms) < _LEAST_ARMS:
        return []
    stars = [_star(segments, arms, nodes, links) for nodes, links in _neighbourhoods(segments)]
    return [
        star for star in stars if star is not None and sum(counts[index] for index in star.members) >= _LEAST_ELECTRODES
    ]


def _star(segments: list[Segment], arms: list[int], nodes: set[int], links: list[int]) -> Star | None:
    """The star whose arms end at some junctions, close together; `None` where they are too few."""
    own = [index for index in arms if nodes & set(segments[index].nodes)]
    if len(own) < _LEAST_ARMS:
        return None
    outlines = [segments[index].from_end(segments[index].nodes.index(FREE)) for index in own]
    hub = np.median([arm[-1] for arm in outlines], axis=0)
    kept = [(index, arm) for index, arm in zip(own, outlines, strict=True) if np.hypot(*(arm[-1] - hub)) < _HUB_RADIUS]
    if len(kept) < _LEAST_ARMS:
        return None
    inside = [index for index in links if cdist(segments[index].points, hub[None]).max() < _HUB_RADIUS]
    members = [*(index for index, _ in kept), *inside]
    ways = [resample_polyline(np.stack([arm[-1], hub]), 1.0) for _, arm in kept]
    body = np.concatenate([*(segments[index].points for index in members), *ways])
    return Star(tuple(arm for _, arm in kept), body, frozenset(members), frozenset(nodes))


def _electrodes_on(segments: list[Segment], electrodes: np.ndarray) -> Counter[int]:
    points = np.concatenate([segment.points for segment in segments])
    owner = np.repeat(np.arange(len(segments)), [len(segment.points) for segment in segments])
    distance = cdist(electrodes, points)
    return Counter(owner[distance.argmin(axis=1)[distance.min(axis=1) < _BESIDE]].tolist())


def _neighbourhoods(segments: list[Segment]) -> list[tuple[set[int], list[int]]]:
    """Junctions that short segments join, and these segments."""
    short = [i for i, item in enumerate(segments) if FREE not in item.nodes and len(item.points) < _LONGEST_LINK]
    joined = joined_nodes(segments[index] for index in short)
    nodes: dict[int, set[int]] = defaultdict(set)
    for node in {node for segment in segments for node in segment.nodes} - {FREE}:
        nodes[joined.get(node, node)].add(node)
    links: dict[int, list[int]] = defaultdict(list)
    for index in short:
        links[joined[segments[index].nodes[0]]].append(index)
    return [(own, links[root]) for root, own in nodes.items()]
