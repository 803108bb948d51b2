"""From a mask to the graph of its skeleton: segments between ends and junctions (paper, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.morphology import skeletonize

from custom.postprocessing.field import Field

FREE = -1
_PADDING = 8
_WIDTH_WINDOW = 11
_HEADING_REACH = 4
_MOST_SEGMENTS = 300
_MOST_PIXELS = 20  # of skeleton, for each row and column: more is noise
# Orthogonal neighbours first: a diagonal one counts only where no orthogonal one leads there.
_STEPS = np.array([[-1, 0], [1, 0], [0, -1], [0, 1], [-1, -1], [-1, 1], [1, -1], [1, 1]])
_BESIDE_DIAGONAL = np.array([[0, 2], [0, 3], [1, 2], [1, 3]])


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
    cropped = mask[rows, columns]
    if not cropped.size:
        return []
    # Beyond the field a device goes on: without it the skeleton would end half a width before the border.
    skeleton = skeletonize(np.pad(cropped, _PADDING, mode="edge") & _continues(field, rows, columns))
    skeleton = skeleton[_PADDING:-_PADDING, _PADDING:-_PADDING]
    if skeleton.sum() > _MOST_PIXELS * sum(mask.shape):
        return []
    segments = [
        Segment(points[:, ::-1] + np.array([columns.start, rows.start], dtype=float), nodes, width)
        for points, nodes, width in _with_widths(cropped, _traced(skeleton))
    ]
    kept = [segment for segment in segments if not _is_spur(segment)]
    return sorted(kept, key=lambda segment: -len(segment.points))[:_MOST_SEGMENTS]


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
    leaf = (segment.nodes[0] == FREE) != (segment.nodes[1] == FREE)
    return leaf and len(segment.points) < 0.9 * segment.width + 2


def _traced(skeleton: np.ndarray) -> list[tuple[np.ndarray, tuple[int, int]]]:
    """Pixels (N, 2) row and column of every segment, in order, and the junctions at its ends."""
    padded = np.pad(skeleton, 1)
    pixels = np.argwhere(padded)
    neighbours = _neighbours(padded, pixels)
    junction = _junctions(neighbours)
    visited = [False] * len(pixels)
    chains = []
    starts = [(node, first) for node, near in enumerate(neighbours) if junction[node] != FREE for first in near]
    starts += [(FREE, pixel) for pixel, near in enumerate(neighbours) if len(near) <= 1]
    starts += [(FREE, pixel) for pixel in range(len(pixels))]  # what is left are loops without a junction
    for before, first in starts:
        if junction[first] == FREE and not visited[first]:
            chain, after = _walk(before, first, neighbours, junction, visited)
            start = FREE if before == FREE else junction[before]
            chains.append((pixels[chain] - 1, (start, after)))
    return chains


def _neighbours(padded: np.ndarray, pixels: np.ndarray) -> list[list[int]]:
    number = np.full(padded.shape, -1)
    number[tuple(pixels.T)] = np.arange(len(pixels))
    around = pixels[:, None] + _STEPS
    near = number[around[..., 0], around[..., 1]]
    present = near >= 0
    present[:, 4:] &= ~present[:, _BESIDE_DIAGONAL].any(axis=2)
    flat = near[present].tolist()
    stops = np.cumsum(present.sum(axis=1)).tolist()
    return [flat[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]


def _junctions(neighbours: list[list[int]]) -> list[int]:
    """The number of the junction that each pixel belongs to, `FREE` for the others."""
    junction = [FREE] * len(neighbours)
    count = 0
    for seed, near in enumerate(neighbours):
        if len(near) < 3 or junction[seed] != FREE:
            continue
        waiting = [seed]
        while waiting:
            pixel = waiting.pop()
            junction[pixel] = count
            waiting += [other for other in neighbours[pixel] if len(neighbours[other]) >= 3 and junction[other] == FREE]
        count += 1
    return junction


def _walk(
    before: int, first: int, neighbours: list[list[int]], junction: list[int], visited: list[bool]
) -> tuple[list[int], int]:
    """The pixels from `first` on, away from `before`, and the junction that they lead to."""
    chain = [first]
    visited[first] = True
    previous, pixel = before, first
    while True:
        following = [other for other in neighbours[pixel] if other != previous and not visited[other]]
        if not following:
            return chain, FREE
        previous, pixel = pixel, following[0]
        if junction[pixel] != FREE:
            return chain, junction[pixel]
        visited[pixel] = True
        chain.append(pixel)


def _with_widths(
    mask: np.ndarray, chains: list[tuple[np.ndarray, tuple[int, int]]]
) -> list[tuple[np.ndarray, tuple[int, int], float]]:
    """Add the width of the mask along each chain: its area in a window, over the length of the line in there."""
    if not chains:
        return []
    half = _WIDTH_WINDOW // 2
    area = np.pad(mask, ((half + 1, half), (half + 1, half))).cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    row, column = np.concatenate([points for points, _ in chains]).T
    high_row, high_column = row + _WIDTH_WINDOW, column + _WIDTH_WINDOW
    inside = area[high_row, high_column] - area[row, high_column] - area[high_row, column] + area[row, column]
    lengths = np.array([len(points) for points, _ in chains])
    widths = np.split(_width(inside, _steepness(row, column, lengths)), lengths.cumsum()[:-1])
    return [
        (points, nodes, float(np.sort(width)[len(width) // 2]))
        for (points, nodes), width in zip(chains, widths, strict=True)
    ]


def _width(area: np.ndarray, steepness: np.ndarray) -> np.ndarray:
    """Width (N,) of lines through the middle of a window, from their area in there and their larger component."""
    smaller = np.maximum(np.sqrt(1 - np.minimum(steepness, 1) ** 2), 1e-3)
    width = area * steepness / _WIDTH_WINDOW
    for _ in range(2):  # what goes past the window's corners is not in the area
        past = np.maximum(_WIDTH_WINDOW * (smaller - steepness) + width, 0) / (2 * steepness)
        width = (area + past * past * steepness / smaller) * steepness / _WIDTH_WINDOW
    return np.asarray(width)


def _steepness(row: np.ndarray, column: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The larger component (N,) of the unit vector along chains of pixels, one after the other."""
    stops = lengths.cumsum()
    place = np.arange(len(row))
    last = np.minimum(place + _HEADING_REACH, np.repeat(stops - 1, lengths))
    first = np.maximum(place - _HEADING_REACH, np.repeat(stops - lengths, lengths))
    down, right = np.abs(row[last] - row[first]), np.abs(column[last] - column[first])
    return np.asarray(np.maximum(np.maximum(down, right), 1) / np.maximum(np.hypot(down, right), 1))
