"""What the type of a row of electrodes is told by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

_TIP_MARGIN = 14.0  # pixels from the tip in which its electrode lies
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

    @property
    def sizes(self) -> np.ndarray:
        """Width plus height (N,) of the boxes."""
        return np.asarray(self.boxes[:, 2] + self.boxes[:, 3])

    @property
    def axes(self) -> np.ndarray:
        """Size of the components (N, 2) of the centreline's direction."""
        return np.abs(np.stack([np.cos(self.headings), np.sin(self.headings)], axis=1))

    @property
    def turn(self) -> float:
        """Radians that the centreline turns by."""
        return float(self.headings.max() - self.headings.min())

    @cached_property
    def extent(self) -> float:
        """Largest distance between two electrodes, in sides of a box."""
        steps = self.boxes[:, None, :2] - self.boxes[:, :2]
        return float(2 * np.hypot(steps[..., 0], steps[..., 1]).max() / max(self.sizes.mean(), 0.1))

    @cached_property
    def scatter(self) -> float:
        """Least algebraic distance of the electrodes from a conic, at their own scale."""
        centred = self.boxes[:, :2] - self.boxes[:, :2].mean(axis=0)
        x, y = (centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-9)).T
        conic = np.stack([x * x, x * y, y * y, x, y, np.ones_like(x)], axis=1)
        return float(np.linalg.svd(conic, compute_uv=False)[-1] / np.sqrt(len(x)))

    def tip_cost(self) -> float:
        """How implausible it is that the first electrode lies so far from the tip."""
        if not len(self.along) or (self.cut and len(self.along) == 1):
            return 0.0
        # Beyond the border there may be more electrodes, but then they go on up to there.
        next_one = _LARGEST_SPACING * float(np.ptp(self.along)) / (len(self.along) - 1) if self.cut else 0.0
        return _TIP_COST * min(max(0.0, float(self.along[0]) - _TIP_MARGIN - next_one), _FARTHEST_TIP)
