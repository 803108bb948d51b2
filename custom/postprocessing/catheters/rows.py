"""A line and the electrodes on it, as a row that starts at the tip."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from custom.postprocessing.catheter_types.fit import TypeFit
from custom.postprocessing.catheter_types.row import ElectrodeRow, tip_cost
from custom.postprocessing.catheter_types.table import UNKNOWN
from custom.postprocessing.centerlines.centerline import Centerline
from custom.postprocessing.centerlines.stars import Star
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

    def without(self, electrodes: Set[int]) -> Row:
        """The same without some of its electrodes."""
        kept = [index for index, electrode in enumerate(self.electrodes) if electrode not in electrodes]
        own = tuple(self.electrodes[index] for index in kept)
        return Row(self.line, own, self.along[kept], self.woven, self.bridged)

    def from_tip(self) -> Row:
        """The same from that end of the line where the tip is: the one that electrodes are nearer to, or a free one."""
        return self.reversed() if _is_backwards(self.line, self.along) else self

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
        own = boxes.take(self.electrodes, axis=0)
        return ElectrodeRow(self.along, headings, own, cut=self.line.at_border[0] or self.bridged, crowded=self.woven)


@dataclass(frozen=True, eq=False)
class FittedRow(Row):
    """A row from its tip, with its type."""

    fit: TypeFit = _NO_FIT
    tip_cost: float = 0.0

    def cost(self) -> float:
        """Negative log likelihood: of the electrodes' pattern, of their place from the tip, and of the line's ends."""
        return self.fit.cost + self.tip_cost + _line_cost(self.line, len(self.electrodes))

    def is_sound(self) -> bool:
        """Whether it is a catheter by itself."""
        if self.line.star is not None:
            return True
        return any(self.line.at_border) and self.fit.name != UNKNOWN and self.cost() < _SOUND_COST


FitRow = Callable[[Row], FittedRow]


def least_row_cost(line: Centerline, along: Sequence[float], least_fit_cost: Callable[[int, bool], float]) -> float:
    """What a row costs at least, without a closer look at its pattern.

    Args:
        line: of a device.
        along: places of the electrodes on it, in order.
        least_fit_cost: what the fit of so many electrodes costs at least, cut by the border or not.
    """
    if line.star is not None:
        return 0.0
    count = len(along)
    backwards = _is_backwards(line, along)
    cut = line.at_border[backwards]
    from_tip = (line.length - along[-1] if backwards else along[0]) if count else 0.0
    span = along[-1] - along[0] if count else 0.0
    return least_fit_cost(count, cut) + tip_cost(from_tip, span, count, cut=cut) + _line_cost(line, count)


def _is_backwards(line: Centerline, along: Sequence[float] | np.ndarray) -> bool:
    """Whether the tip of a row is at its line's last point, given the places of its electrodes."""
    if line.star is not None:
        return False
    if len(along):
        return bool(line.length - along[-1] < along[0])
    return line.at_border[0] and not line.at_border[1]


def _line_cost(line: Centerline, electrodes: int) -> float:
    """How implausible the ends of a line are, and that it has so many electrodes."""
    floating = 0.0 if any(line.at_border) else _FLOATING_COST
    return floating + (_EMPTY_COST if line.joins and not electrodes else 0.0)


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
