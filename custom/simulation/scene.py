"""A 3D scene as flat arrays: tubes along curves and ellipsoids, each of a material, in mm in world coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
# Displacement at unit amplitude of every motion mode: points (N, 3) -> (N, 3 modes, 3).
MotionField = Callable[[Array], Array]


def still(points: Array) -> Array:
    """The motion field of what does not move."""
    return np.zeros((len(points), 3, 3))


@dataclass
class Layer:
    """What is rendered on one grid. Lists of blocks, one a call of `add_...`."""

    positions: list[Array] = field(default_factory=list)
    motions: list[Array] = field(default_factory=list)
    previous: list[NDArray[np.int64]] = field(default_factory=list)
    following: list[NDArray[np.int64]] = field(default_factory=list)
    shells: list[Array] = field(default_factory=list)
    ellipsoids: list[Array] = field(default_factory=list)
    ellipsoid_motions: list[Array] = field(default_factory=list)
    size: int = 0

    def add_curve(self, points: Array, motion: MotionField = still) -> int:
        """Add the evenly spaced points (N, 3) of a curve; returns the first one's index."""
        start, count = self.size, len(points)
        order = np.arange(count)
        self.positions.append(points)
        self.motions.append(motion(points))
        self.previous.append(start + np.maximum(order - 1, 0))
        self.following.append(start + np.minimum(order + 1, count - 1))
        self.size += count
        return start

    def add_shell(self, amount: ArrayLike, *, outer: ArrayLike, inner: ArrayLike, material: int) -> None:
        """Cover the latest curve with a wall between two radii in mm.

        Args:
            amount: share of each sample that the wall covers times its relative density, (N,) or a number.
            outer: outer radius, (N,) or a number.
            inner: inner radius, below the outer one; 0 is a solid.
            material: index into `custom.simulation.materials.MATERIALS`.
        """
        count = len(self.positions[-1])
        block = np.empty((count, 5))
        block[:, 0] = np.arange(self.size - count, self.size)
        block[:, 1], block[:, 2], block[:, 3], block[:, 4] = outer, inner, material, amount
        self.shells.append(block[block[:, 4] != 0])

    def add_tube(
        self, points: Array, *, outer: float, material: int, amount: float = 1.0, motion: MotionField = still
    ) -> None:
        """A curve, solid along all of it."""
        self.add_curve(points, motion)
        self.add_shell(amount, outer=outer, inner=0.0, material=material)

    def add_ellipsoid(
        self, centre: ArrayLike, semi_axes: ArrayLike, *, material: int, amount: float = 1.0,
        rotation: Array | None = None, motion: MotionField = still,
    ) -> None:  # fmt: skip
        """A solid ellipsoid; a negative amount carves it out. `rotation` has the axes as columns."""
        centre = np.asarray(centre, dtype=float)
        whitening = np.diag(1 / np.asarray(semi_axes, dtype=float))
        if rotation is not None:
            whitening = whitening @ rotation.T
        self.ellipsoids.append(np.concatenate([centre, whitening.ravel(), [material, amount]]))
        self.ellipsoid_motions.append(motion(centre[None])[0])

    def packed(self) -> dict[str, np.ndarray]:
        """All blocks as one array each: points, shells and ellipsoids."""
        empty = np.zeros(0)
        return {
            "positions": _stack(self.positions, (0, 3)),
            "motions": _stack(self.motions, (0, 3, 3)),
            "previous": np.concatenate([*self.previous, empty]).astype(np.int64),
            "following": np.concatenate([*self.following, empty]).astype(np.int64),
            "shells": _stack(self.shells, (0, 5)),
            "ellipsoids": np.stack(self.ellipsoids) if self.ellipsoids else np.zeros((0, 14)),
            "ellipsoid_motions": np.stack(self.ellipsoid_motions) if self.ellipsoids else np.zeros((0, 3, 3)),
        }


def _stack(blocks: list[Array], empty_shape: tuple[int, ...]) -> Array:
    return np.concatenate(blocks) if blocks else np.zeros(empty_shape)


@dataclass(frozen=True)
class LabelledCurve:
    """Points `start` to `stop` of the device layer: a catheter or an arm of one, with its radius in mm."""

    catheter: int
    start: int
    stop: int
    radius_mm: float


@dataclass(frozen=True)
class LabelledElectrode:
    """A ring or tip around the curve at `point` (an index, with the fraction towards the next)."""

    catheter: int
    pole: int
    kind: str
    point: float
    length_mm: float
    radius_mm: float


@dataclass
class DeviceLabels:
    """What is known of the labelled devices of a scene; types by catheter id."""

    types: list[str] = field(default_factory=list)
    curves: list[LabelledCurve] = field(default_factory=list)
    electrodes: list[LabelledElectrode] = field(default_factory=list)
