"""What the type of a row of electrodes is told by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from custom.compiled import compiled

TIP_MARGIN = 14.0  # pixels from the tip in which its electrode lies
_TIP_COST = 0.1  # of each pixel more
_FARTHEST_TIP = 80.0
_LARGEST_SPACING = 2.0  # of electrodes, over their mean spacing


@dataclass(frozen=True, eq=False)
class ElectrodeRow:
    """Electrodes in order along a catheter, from the tip.

    Attributes:
        along: (N,) distance along the centreline from its end at the tip, in pixels.
        headings: (N,) angle of the centreline at each, without jumps, in radians.
        boxes: (N, 4) x, y, width and height in pixels.
        cut: whether the catheter leaves the frame before its tip, so that electrodes may be missing there.
        crowded: whether their order is uncertain, so that their number and outline tell more than their spacings.
    """

    along: np.ndarray
    headings: np.ndarray
    boxes: np.ndarray
    cut: bool
    crowded: bool = False

    @cached_property
    def extent(self) -> float:
        """Largest distance between two electrodes, in sides of a box."""
        return _extent(self.boxes)

    @cached_property
    def scatter(self) -> float:
        """Least algebraic distance of the electrodes from a conic, at their own scale."""
        centred = self.boxes[:, :2] - self.boxes[:, :2].mean(axis=0)
        x, y = (centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-9)).T
        conic = np.stack([x * x, x * y, y * y, x, y, np.ones_like(x)], axis=1)
        return float(np.linalg.svd(conic, compute_uv=False)[-1] / np.sqrt(len(x)))

    def tip_cost(self) -> float:
        """How implausible it is that the first electrode lies so far from the tip."""
        if not len(self.along):
            return 0.0
        along = self.along.tolist()
        return tip_cost(along[0], max(along) - min(along), len(along), cut=self.cut)


def tip_cost(from_tip: float, span: float, count: int, *, cut: bool) -> float:
    """How implausible it is that the first electrode lies so far from the tip.

    Args:
        from_tip: distance of the first electrode, in pixels.
        span: largest distance between two electrodes along the catheter, in pixels.
        count: number of electrodes.
        cut: whether the catheter leaves the frame before its tip.
    """
    if not count or (cut and count == 1):
        return 0.0
    # Beyond the border there may be more electrodes, but then they go on up to there.
    next_one = _LARGEST_SPACING * span / (count - 1) if cut else 0.0
    return _TIP_COST * min(max(0.0, from_tip - TIP_MARGIN - next_one), _FARTHEST_TIP)


@compiled
def _extent(boxes: np.ndarray) -> float:
    farthest = 0.0
    for first in range(len(boxes)):
        for second in range(first):
            x, y = boxes[first, 0] - boxes[second, 0], boxes[first, 1] - boxes[second, 1]
            farthest = max(farthest, math.hypot(x, y))
    return 2 * farthest * len(boxes) / max(boxes[:, 2:].sum(), 0.1 * len(boxes))
