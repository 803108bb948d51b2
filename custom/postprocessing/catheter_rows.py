"""A line and the electrodes on it, as a row that starts at the tip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_row_features import ElectrodeRow
from custom.postprocessing.catheter_type_fit import TypeFit
from custom.postprocessing.catheter_types import UNKNOWN
from custom.postprocessing.centerline import Centerline
from custom.postprocessing.centerline_stars import Star
from custom.postprocessing.polyline import resample_polyline

_FLOATING_COST = 3.0  # devices come from outside the frame
_SOUND_COST = 8.0
_EMPTY_COST = 1.5  # of a device without electrodes of its own that runs as one with another


_NO_FIT = TypeFit(UNKNOWN, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Row:
    """A line and the electrodes on it.

    Attributes:
        line: of a device.
        electrodes: indices, in order along the line.
        along: (N,) their places on it, in pixels from its first point; beyond its ends where it is prolonged.
        woven: whether the line leads from electrode to electrode because the mask did not.
        bridged: whether it leaves the field of view and comes back, so that electrodes may be missing in between.
    """

    line: Centerline
    electrodes: tuple[int, ...]
    along: np.ndarray
    woven: bool = False
    bridged: bool = False

    def reversed(self) -> Row:
        """The same from its line's other end."""
        along = self.line.length - self.along[::-1]
        return Row(self.line.reversed, self.electrodes[::-1], along, self.woven, self.bridged)

    def from_tip(self) -> Row:
        """The same from that end of the line where the tip is: the one that electrodes are nearer to, or a free one."""
        return self.reversed() if self._is_backwards() else self

    def _is_backwards(self) -> bool:
        if self.line.star is not None:
            return False
        if self.electrodes:
            return bool(self.line.length - self.along[-1] < self.along[0])
        return self.line.at_border[0] and not self.line.at_border[1]

    def is_cut(self) -> bool:
        """Whether it leaves the frame before its tip."""
        return self.line.at_border[self._is_backwards()]

    def tip_is_seen(self) -> bool:
        """Whether the first end, from where the tip would be, is the tip: not at the border, nor one of two alike."""
        first, last = self.line.at_border
        return self.line.star is not None or (not first and (last or len(self.electrodes) > 0))

    def measured(self, boxes: np.ndarray) -> ElectrodeRow:
        """What types are told by.

        Args:
            boxes: (K, 4) x, y, width and height of all electrodes.
        """
        headings = np.interp(self.along, self.line.along, self.line.headings)
        own = boxes[list(self.electrodes)]
        return ElectrodeRow(self.along, headings, own, cut=self.line.at_border[0] or self.bridged, crowded=self.woven)


@dataclass(frozen=True, eq=False)
class FittedRow(Row):
    """A row from its tip, with its type."""

    fit: TypeFit = _NO_FIT
    tip_cost: float = 0.0

    def cost(self) -> float:
        """Negative log likelihood: of the electrodes' pattern, of their place from the tip, and of the line's ends."""
        floating = 0.0 if any(self.line.at_border) else _FLOATING_COST
        empty = _EMPTY_COST if self.line.joins and not self.electrodes else 0.0
        return self.fit.cost + self.tip_cost + floating + empty

    def is_sound(self) -> bool:
        """Whether it is a catheter by itself."""
        if self.line.star is not None:
            return True
        return any(self.line.at_border) and self.fit.name != UNKNOWN and self.cost() < _SOUND_COST


FitRow = Callable[[Row], FittedRow]


def order_on_star(star: Star, electrodes: Sequence[int], centres: np.ndarray) -> list[int]:
    """Electrodes of a star arm by arm, around it, each arm from its tip.

    Args:
        star: with its arms.
        electrodes: indices.
        centres: (K, 2) x and y of all electrodes.
    """
    hub = np.mean([arm[-1] for arm in star.arms], axis=0)
    arms = sorted(star.arms, key=lambda arm: float(np.arctan2(arm[0, 1] - hub[1], arm[0, 0] - hub[0])))
    points = centres[list(electrodes)]
    lines = [np.concatenate([arm, resample_polyline(np.stack([arm[-1], hub]), 1.0)]) for arm in arms]
    distance = np.stack([cdist(points, line).min(axis=1) for line in lines])
    # Arms have equally many electrodes, and near the hub all arms are near.
    places = np.repeat(distance, -(-len(points) // len(arms)), axis=0)
    chosen, taken = linear_sum_assignment(places.T**2)
    arm = taken // (len(places) // len(arms))
    from_tip = cdist(points, np.stack([line[0] for line in lines]))[chosen, arm]
    order = np.lexsort((from_tip, arm))
    return [electrodes[chosen[index]] for index in order]
