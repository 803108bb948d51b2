"""The field of view within a frame: behind the collimator's blades or outside its circle nothing is seen."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from custom.compiled import compiled

_MARGIN = 2.5  # pixels
_DEPTH = 4  # pixels from an edge at which a line that it cuts is about as wide as at the edge
_MOST_CHANGE = 0.34  # of that width, relative
_DEEPEST = 0.25  # of the frame's side
_LEAST_CUT, _MOST_CUT = 2, 30  # pixels
_OBLIQUE = 0.25  # pixels sideways for each pixel into the field


class Field(NamedTuple):
    """The part of a frame where devices can be seen: rows and columns from first to last, and perhaps a circle.

    Attributes:
        top: first row.
        left: first column.
        bottom: last row.
        right: last column.
        radius: of the circle around the frame's middle, infinite where there is none.
        middle: x and y of the frame's middle.
    """

    top: int
    left: int
    bottom: int
    right: int
    radius: float
    middle: tuple[float, float]

    def is_border(self, point: np.ndarray) -> bool:
        """Whether a point, x and y, lies so near to the field's border that a device there goes on beyond it."""
        x, y = point.tolist()
        depth = min(x - self.left, y - self.top, self.right - x, self.bottom - y)
        beside = self.radius - math.hypot(x - self.middle[0], y - self.middle[1])
        return min(depth, beside) < _MARGIN


def find_field(mask: np.ndarray) -> Field:
    """The field of view that a mask shows: its outermost rows or columns are an edge where that cuts a device squarely.

    Args:
        mask: (rows, columns), true on catheters and wires.
    """
    rows, columns = mask.shape
    middle = ((columns - 1) / 2, (rows - 1) / 2)
    in_row, in_column = np.asarray(mask.any(axis=1)), np.asarray(mask.any(axis=0))
    return Field(
        top=_first_seen(mask, in_row),
        left=_first_seen(mask.T, in_column),
        bottom=rows - 1 - _first_seen(mask[::-1], in_row[::-1]),
        right=columns - 1 - _first_seen(mask.T[::-1], in_column[::-1]),
        radius=_radius(mask, middle),
        middle=middle,
    )


def _first_seen(mask: np.ndarray, any_there: np.ndarray) -> int:
    """The first row of a mask that lies in the field, given which rows have any pixels."""
    first = int(any_there.argmax())
    return first if first < _DEEPEST * len(mask) and _is_cut(mask[first:]) else 0


def _is_cut(mask: np.ndarray) -> bool:
    """Whether lines end in the first row of a mask as if they were cut off there: two of them, or one at an angle.

    One that is cut at a right angle looks like a tip.
    """
    if len(mask) <= _DEPTH:
        return False
    deeper = _runs(mask[_DEPTH])
    shifts = [abs(sum(run) - sum(other)) / 2 for run in _runs(mask[0]) for other in deeper if _is_line(run, other)]
    return len(shifts) > 1 or any(shift > _OBLIQUE * _DEPTH for shift in shifts)


def _is_line(run: tuple[int, int], deeper: tuple[int, int]) -> bool:
    """Whether two runs of pixels, `_DEPTH` rows apart, are of a line."""
    length, inside = run[1] - run[0], deeper[1] - deeper[0]
    return (
        _LEAST_CUT <= length <= _MOST_CUT
        and abs(length - inside) <= _MOST_CHANGE * inside
        and abs(sum(run) - sum(deeper)) / 2 < 2 * _DEPTH
    )


def _runs(row: np.ndarray) -> list[tuple[int, int]]:
    """Start and stop of each run of true pixels."""
    around = np.zeros(len(row) + 2, dtype=bool)
    around[1:-1] = row
    changes = np.flatnonzero(around[1:] != around[:-1]).tolist()
    return list(zip(changes[::2], changes[1::2], strict=True))


def _radius(mask: np.ndarray, middle: tuple[float, float]) -> float:
    """That of the largest circle in the frame, where the mask reaches it and nothing lies outside; else infinite."""
    radius = min(mask.shape) / 2
    return radius if abs(_farthest(mask, *middle) - radius) < 1.0 else np.inf


@compiled
def _farthest(mask: np.ndarray, x: float, y: float) -> float:
    """Distance of the mask's farthest pixel from a point."""
    farthest = 0.0
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            if mask[row, column]:
                farthest = max(farthest, (column - x) ** 2 + (row - y) ** 2)
    return math.sqrt(farthest)
