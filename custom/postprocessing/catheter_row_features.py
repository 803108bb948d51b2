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
        scatter: how far they are from lying on an ellipse, where their order is uncertain, so that their number and
            shape tell more than their spacings.
    """

    along: np.ndarray
    boxes: np.ndarray
    tangents: np.ndarray
    turn: float
    cut: bool
    extent: float
    scatter: float | None = None

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
            crowded: whether their order is uncertain.
        """
        return cls(
            along=along,
            boxes=boxes[:, 2:],
            tangents=np.stack([np.cos(headings), np.sin(headings)], axis=1),
            turn=float(np.ptp(headings)) if len(headings) else 0.0,
            cut=cut,
            extent=float(cdist(boxes[:, :2], boxes[:, :2]).max(initial=0.0)),
            scatter=_scatter(boxes[:, :2]) if crowded else None,
        )

    def tip_cost(self) -> float:
        """How implausible it is that the first electrode lies so far from the tip."""
        if self.cut or not len(self.along):
            return 0.0
        return _TIP_COST * min(max(0.0, float(self.along[0]) - _TIP_MARGIN), _FARTHEST_TIP)


def _scatter(points: np.ndarray) -> float:
    """Least algebraic distance of points (N, 2) from a conic, at their own scale."""
    centred = points - points.mean(axis=0)
    x, y = (centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-9)).T
    conic = np.stack([x * x, x * y, y * y, x, y, np.ones_like(x)], axis=1)
    return float(np.linalg.svd(conic, compute_uv=False)[-1] / np.sqrt(len(points)))
