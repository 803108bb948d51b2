"""Smoother positions that never hide a jump."""

from __future__ import annotations

import numpy as np


class PositionSmoother:
    """An exponential filter for each track.

    Args:
        weight: of the previous smoothed position, in [0, 1); 0 leaves positions as they are.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._smoothed: dict[int, np.ndarray] = {}

    def update(self, track: int, position: np.ndarray, jump: float) -> np.ndarray:
        """Smooth one position.

        Args:
            track: whose it is.
            position: (2,) x, y.
            jump: distance from the previous smoothed position beyond which the new one passes as it is.

        Returns:
            (2,) x, y.
        """
        previous = self._smoothed.get(track, position)
        step = position - previous
        smoothed = position if np.linalg.norm(step) > jump else position - self.weight * step
        self._smoothed[track] = smoothed
        return smoothed
