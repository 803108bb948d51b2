"""Masks and electrodes of catheters that are drawn along given lines."""

import numpy as np

from custom.postprocessing.polyline import arc_length, resample_polyline

SHAPE = (180, 240)  # rows and columns: no square


def draw(*lines, radius=2.0, shape=SHAPE):
    """A mask with a tube along every line of (x, y) points."""
    mask = np.zeros(shape, dtype=bool)
    rows, columns = np.indices(shape)
    for line in lines:
        for x, y in resample_polyline(np.array(line, dtype=float), 0.5):
            top, left = max(int(y - radius) - 1, 0), max(int(x - radius) - 1, 0)
            window = np.s_[top : int(y + radius) + 3, left : int(x + radius) + 3]
            mask[window] |= np.hypot(columns[window] - x, rows[window] - y) <= radius
    return mask


def electrodes_on(line, along, side=4.0):
    """Electrodes (N, 5) of square boxes at distances along a line of (x, y) points."""
    points = resample_polyline(np.array(line, dtype=float), 0.25)
    reached = arc_length(points)
    centres = np.stack([np.interp(along, reached, points[:, axis]) for axis in (0, 1)], axis=1)
    rest = np.tile([side, side, 0.9], (len(centres), 1))
    return np.concatenate([centres, rest], axis=1)


def arc(centre, radius, start, stop):
    """Points on a circle between two angles in degrees, from the x axis towards the y axis."""
    angles = np.radians(np.linspace(start, stop, 90))
    return np.stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)], axis=1)


def coronary_sinus_along(start=3.0, pixel_mm=0.5):
    """Distances along a line of the ten electrodes of a 2-5-2 catheter, in pixels."""
    centres = [0.0]
    for gap, before in zip([2, 5] * 4 + [2], [1.5] + [1.2] * 8, strict=True):
        centres.append(centres[-1] + gap + (before + 1.2) / 2)
    return start + np.array(centres) / pixel_mm
