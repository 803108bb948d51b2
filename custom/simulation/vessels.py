"""Vessels: trees of winding branches, and those that contrast agent is injected into."""

from __future__ import annotations

import numpy as np

from custom.simulation import curves
from custom.simulation.materials import CONTRAST_AGENT
from custom.simulation.motion import Motion
from custom.simulation.scene import Array, Layer, MotionField, still

# Where contrast agent flows from and which way (x, y, z, in mm), and the vessel's radius in mm.
_INJECTED = {
    "abdomen": ((4.0, 10, 60), (0.1, 0, -1.0), 5.0),
    "head": ((18.0, -10, -20), (0.2, 0.3, 1.0), 2.4),  # on either side
    "phantom": ((0.0, 0, -120), (0.0, 0, 1.0), 5.0),
}


def add_contrast_vessels(layer: Layer, anatomy: str, motion: Motion, rng: np.random.Generator) -> None:
    """Arteries while contrast agent is injected."""
    amount = rng.uniform(0.15, 1.0)
    if anatomy == "thorax":
        _add_coronary_arteries(layer, motion, rng, amount)
        return
    side = rng.choice([-1.0, 1.0])  # drawn for other anatomies, too: a seed keeps its frames
    start, direction, radius = _INJECTED[anatomy]
    root = np.array(start) * ([side, 1, 1] if anatomy == "head" else 1)
    add_vessel_tree(
        layer, rng, root, np.array(direction), radius=radius * rng.uniform(0.7, 1.2), length=34.0,
        amount=amount, material=CONTRAST_AGENT, depth=6,
    )  # fmt: skip


def _add_coronary_arteries(layer: Layer, motion: Motion, rng: np.random.Generator, amount: float) -> None:
    for start, direction in (([6.0, 0, 34], [0.7, -0.3, -0.6]), ([-8.0, -8, 30], [-0.6, -0.4, -0.6])):
        add_vessel_tree(
            layer, rng, motion.heart_centre + np.array(start), np.array(direction), radius=rng.uniform(1.3, 2.0),
            length=26.0, amount=amount, material=CONTRAST_AGENT, motion=motion.organ(1.0, 1.0),
        )  # fmt: skip


def add_vessel_tree(
    layer: Layer, rng: np.random.Generator, start: Array, direction: Array, *, radius: float, length: float,
    amount: float, material: int, motion: MotionField = still, depth: int = 5,
) -> None:  # fmt: skip
    """A tree of winding branches, each of two children, until they are too thin to see; lengths in mm."""
    if depth == 0 or radius < 0.35:
        return
    count = 12
    bends = np.cumsum(rng.normal(0, 0.16, (count, 3)), axis=0)
    heading = direction / np.linalg.norm(direction) + bends
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    extent = length * rng.uniform(0.6, 1.3)
    points = start + np.cumsum(heading, axis=0) * extent / count
    evenly = curves.resampled(np.concatenate([start[None], points]), max(0.8, radius * 0.6))
    taper = radius * np.linspace(1.0, 0.8, len(evenly))
    layer.add_curve(evenly, motion)
    layer.add_shell(amount, outer=taper, inner=0.0, material=material)
    for _ in range(2):
        child = heading[-1] + rng.normal(0, 0.55, 3)
        add_vessel_tree(
            layer, rng, points[-1], child, radius=radius * rng.uniform(0.6, 0.85), length=length * 0.85,
            amount=amount, material=material, motion=motion, depth=depth - 1,
        )  # fmt: skip
