"""Rotation matrices (3, 3) for columns of coordinates x, y, z, in the patient's axes or in a camera's."""

from __future__ import annotations

import numpy as np

from custom.simulation.scene import Array


def about_x(angle: float) -> Array:
    """Rotation that turns y towards z, by radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0, 0], [0, cosine, -sine], [0, sine, cosine]])


def about_y(angle: float) -> Array:
    """Rotation that turns x towards z, by radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, 0, -sine], [0, 1.0, 0], [sine, 0, cosine]])


def any_rotation(rng: np.random.Generator) -> Array:
    """A random orthogonal matrix; it may mirror, which no ellipsoid shows."""
    orthogonal, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    return np.asarray(orthogonal)
