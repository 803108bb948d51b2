"""The line of a device on a frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from custom.postprocessing.centerlines.stars import Star
from custom.postprocessing.polyline import arc_length, headings_of


@dataclass(frozen=True, eq=False)
class Centerline:
    """A device's line on a frame.

    Attributes:
        points: (N, 2) float x and y, about a pixel apart.
        width: mean width of the mask along it, in pixels.
        at_border: whether the first and the last point lie on the frame's border.
        star: at its first point, if any.
        joins: whether it runs as one with another to one of its ends.
    """

    points: np.ndarray
    width: float
    at_border: tuple[bool, bool]
    star: Star | None = None
    joins: bool = False

    @cached_property
    def along(self) -> np.ndarray:
        """Distance (N,) of each point from the first one along the line."""
        return arc_length(self.points)

    @cached_property
    def headings(self) -> np.ndarray:
        """Angle (N,) of the line at each point, without jumps, in radians."""
        if len(self.points) < 2:
            return np.zeros(1)
        ends = np.concatenate([self.points[:1], self.points, self.points[-1:]])
        return headings_of(ends[2:] - ends[:-2])

    @property
    def length(self) -> float:
        """Length in pixels."""
        return float(self.along[-1])

    @cached_property
    def reversed(self) -> Centerline:
        """The same from its other end."""
        return replace(self, points=self.points[::-1], at_border=(self.at_border[1], self.at_border[0]))
