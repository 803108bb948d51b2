"""From a mask to the graph of its skeleton: segments between ends and junctions (paper, section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from skimage.morphology import skeletonize

from custom.postprocessing.skeleton.field import Field
from custom.postprocessing.skeleton.tracing import FREE, trace_skeleton
from custom.postprocessing.skeleton.widths import widths_along

_PADDING = 8
_MOST_SEGMENTS = 300
_MOST_PIXELS = 20  # of skeleton, for each row and column: more is noise


@dataclass(frozen=True)
class Segment:
    """A stretch of skeleton without junctions.

    Attributes:
        points: (N, 2) x and y of its pixels, in order, without those of the junctions.
        nodes: the junctions before its first and after its last point, `FREE` where there is none.
        width: median width of the mask along it, in pixels.
    """

    points: np.ndarray
    nodes: tuple[int, int]
    width: float

    @property
    def is_leaf(self) -> bool:
        """Whether one end is free and the other at a junction."""
        return (self.nodes[0] == FREE) != (self.nodes[1] == FREE)

    def from_end(self, side: int) -> np.ndarray:
        """Its points (N, 2) from the first (0) or the last (1) on."""
        return self.points[::-1] if side else self.points


def skeleton_graph(mask: np.ndarray, field: Field) -> list[Segment]:
    """Skeletonise a mask and cut the skeleton at its junctions; spurs shorter than the mask is wide are left out.

    Args:
        mask: (rows, columns), true on catheters and wires.
        field: of view.

    Returns:
        The segments, at most the 300 longest, and none where the mask is noise: that bounds the time.
    """
    mask = np.asarray(mask, dtype=bool)
    rows, columns = _extent(np.asarray(mask.any(axis=1))), _extent(np.asarray(mask.any(axis=0)))
    cropped = np.ascontiguousarray(mask[rows, columns])
    if not cropped.size:
        return []
    # Beyond the field a device goes on: without it the skeleton would end half a width before the border.
    skeleton = skeletonize(np.pad(cropped, _PADDING, mode="edge") & _continues(field, rows, columns))
    skeleton = skeleton[_PADDING:-_PADDING, _PADDING:-_PADDING]
    if skeleton.sum() > _MOST_PIXELS * sum(mask.shape):
        return []
    pixels, lengths, nodes = trace_skeleton(skeleton)
    widths = widths_along(cropped, pixels, lengths).tolist()
    points = pixels[:, ::-1] + np.array([columns.start, rows.start], dtype=float)
    ends = accumulate(lengths.tolist(), initial=0)
    segments = [
        Segment(points[start:stop], (first, last), sorted(widths[start:stop])[(stop - start) // 2])
        for (start, stop), (first, last) in zip(pairwise(ends), nodes.tolist(), strict=True)
    ]
    kept = [segment for segment in segments if not _is_spur(segment)]
    return sorted(kept, key=lambda segment: -len(segment.points))[:_MOST_SEGMENTS]


def joined_nodes(segments: Iterable[Segment]) -> dict[int, int]:
    """By each node of some segments, the one that stands for all nodes that these segments join."""
    root: dict[int, int] = {}

    def find(node: int) -> int:
        while root.setdefault(node, node) != node:
            node = root[node]
        return node

    for segment in segments:
        root[find(segment.nodes[0])] = find(segment.nodes[1])
    return {node: find(node) for node in root}


def _extent(any_there: np.ndarray) -> slice:
    places = np.flatnonzero(any_there)
    return slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 0)


def _continues(field: Field, rows: slice, columns: slice) -> np.ndarray:
    """Where padding may repeat the mask: beyond those sides of the bounding box that are sides of the field."""
    allowed = np.zeros((rows.stop - rows.start + 2 * _PADDING, columns.stop - columns.start + 2 * _PADDING), dtype=bool)
    top = 0 if rows.start == field.top else _PADDING
    left = 0 if columns.start == field.left else _PADDING
    bottom = None if rows.stop == field.bottom + 1 else -_PADDING
    right = None if columns.stop == field.right + 1 else -_PADDING
    allowed[top:bottom, left:right] = True
    return allowed


def _is_spur(segment: Segment) -> bool:
    return segment.is_leaf and len(segment.points) < 0.9 * segment.width + 2
