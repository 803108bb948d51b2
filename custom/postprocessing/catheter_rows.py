"""A line and the electrodes on it, as a row that starts at the tip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custom.postprocessing.catheter_type_fit import ElectrodeRow
from custom.postprocessing.centerline import Centerline
from custom.postprocessing.centerline_smoothing import arc_length


@dataclass(frozen=True)
class Profile:
    """What a line is like at the electrodes of a frame, whether or not they lie on it.

    Attributes:
        line: the line.
        length: of the line, in pixels.
        along: (K,) place of every electrode on the line, in pixels from its first point.
        tangents: (K, 2) unit vector of the line there.
        headings: (K,) angle of the line there, without jumps, in radians.
    """

    line: Centerline
    length: float
    along: np.ndarray
    tangents: np.ndarray
    headings: np.ndarray

    @classmethod
    def of(cls, line: Centerline, along: np.ndarray) -> Profile:
        """Look a line up at places along it."""
        points = line.points
        steps = np.gradient(points, axis=0) if len(points) > 1 else np.ones((1, 2))
        headings = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        distance = arc_length(points)
        at = np.interp(along, distance, headings)
        return cls(line, float(distance[-1]), along, np.stack([np.cos(at), np.sin(at)], axis=1), at)

    def starts_at_tip(self, row: Sequence[int]) -> bool:
        """Whether the tip is at the line's first rather than its last point, given the electrodes in order along it."""
        if self.line.arms:
            return True
        if row:
            return bool(self.along[row[0]] <= self.length - self.along[row[-1]])
        return self.line.at_border[1] or not self.line.at_border[0]

    def tip_is_seen(self, row: Sequence[int]) -> bool:
        """Whether the end at which the tip would be is a tip: not at the border, and not one of two that are alike."""
        border = self.line.at_border
        if self.line.arms:
            return True
        if border[0 if self.starts_at_tip(row) else 1]:
            return False
        return len(row) > 0 or border[0] != border[1]

    def row(self, electrodes: Sequence[int], boxes: np.ndarray) -> ElectrodeRow:
        """The electrodes, which are in order along the line, from the tip.

        Args:
            electrodes: indices, in order along the line.
            boxes: (K, 4) x, y, width and height of all electrodes.
        """
        order = list(electrodes) if self.starts_at_tip(electrodes) else list(electrodes)[::-1]
        along = np.abs(self.along[order] - self.along[order[0]]) if order else np.zeros(0)
        return ElectrodeRow(
            along=along,
            boxes=boxes[order, 2:4],
            tangents=self.tangents[order],
            turn=float(np.ptp(self.headings[order])) if order else 0.0,
            cut=self.line.at_border[0 if self.starts_at_tip(electrodes) else 1],
        )


def order_on_star(line: Centerline, electrodes: Sequence[int], boxes: np.ndarray) -> list[int]:
    """Electrodes of a star arm by arm, around it, each arm from its tip.

    Args:
        line: its shaft, from where the arms meet, with the arms.
        electrodes: indices.
        boxes: (K, 4) x, y, width and height of all electrodes.
    """
    hub = line.points[0]
    arms = sorted(line.arms, key=lambda arm: float(np.arctan2(arm[0, 1] - hub[1], arm[0, 0] - hub[0])))
    centres = boxes[list(electrodes), :2]
    lines = [np.concatenate([arm, hub[None]]) for arm in arms]
    distance = np.stack([np.hypot(*(centres[:, None] - line).transpose(2, 0, 1)).min(axis=1) for line in lines])
    from_hub = np.hypot(*(centres - hub).T)
    order = np.lexsort((-from_hub, distance.argmin(axis=0)))
    return [electrodes[index] for index in order]
