"""What the type of a row of electrodes is told by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

_TIP_MARGIN = 14.0  # pixels from the tip in which its electrode lies
_TIP_COST = 0.1  # of each pixel more
_FARTHEST_TIP = 80.0


@dataclass(frozen=True)
class ElectrodeRow:
    """Electrodes in order along a catheter, from the tip.

    Attributes:
        along: (N,) distance along the centreline from its end at the tip, in pixels.
        boxes: (N, 2) width and height in pixels.
        tangents: (N, 2) unit vector of the centreline at each.
        turn: radians that the centreline turns by from the first to the last.
        cut: whether the catheter leaves the frame before its tip, so that electrodes may be missing there.
        extent: largest distance between two of them, in pixels.
        crowded: whether their order is uncertain, so that their number may tell more than their spacings.
    """

    along: np.ndarray
    boxes: np.ndarray
    tangents: np.ndarray
    turn: float
    cut: bool
    extent: float
    crowded: bool = False

    @classmethod
    def of(
        cls, along: np.ndarray, headings: np.ndarray, boxes: np.ndarray, *, cut: bool, crowded: bool = False
    ) -> ElectrodeRow:
        """Measure a row.

        Args:
            along: (N,) distance along the centreline from the tip, in pixels.
            headings: (N,) angle of the centreline at each electrode, without jumps, in radians.
            boxes: (N, 4) x, y, width and height.
            cut: as above.
            crowded: as above.
        """
        return cls(
            along=along,
            boxes=boxes[:, 2:],
            tangents=np.stack([np.cos(headings), np.sin(headings)], axis=1),
            turn=float(np.ptp(headings)) if len(headings) else 0.0,
            cut=cut,
            extent=float(cdist(boxes[:, :2], boxes[:, :2]).max(initial=0.0)),
            crowded=crowded,
        )

    def tip_cost(self) -> float:
        """How implausible it is that the first electrode lies so far from the tip."""
        if self.cut or not len(self.along):
            return 0.0
        return _TIP_COST * min(max(0.0, float(self.along[0]) - _TIP_MARGIN), _FARTHEST_TIP)
