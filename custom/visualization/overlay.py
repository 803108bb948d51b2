"""A frame with its mask and electrodes drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from skimage.exposure import rescale_intensity

from custom.visualization.palette import ORANGE, PURPLE, SKY_BLUE, YELLOW, Color

FOUND_COLOR, FALSE_COLOR, MISSED_COLOR = SKY_BLUE, ORANGE, PURPLE
ELECTRODE_COLOR, TRUE_ELECTRODE_COLOR = YELLOW, PURPLE
OPACITY = 0.6
SMALLEST_RADIUS = 2.0
CROSS_ARM = 3.0


def draw_overlay(
    image: np.ndarray,
    mask: np.ndarray,
    electrodes: np.ndarray,
    *,
    truth_mask: np.ndarray | None = None,
    truth_electrodes: np.ndarray | None = None,
    zoom: int = 1,
) -> np.ndarray:
    """Draw what was found, and what is there, on a frame.

    The mask is tinted blue; with a true mask, orange where it is false and purple where pixels were missed. Electrodes
    are yellow circles, true ones purple crosses.

    Args:
        image: (rows, columns) of any range.
        mask: (rows, columns), not 0 where a catheter or wire was found.
        electrodes: (K, 4 or more) x, y, width, height of the electrodes found.
        truth_mask: (rows, columns).
        truth_electrodes: (N, 4 or more).
        zoom: pixels of the picture along a pixel of the frame; more room for marks that lie close together.

    Returns:
        (zoom * rows, zoom * columns, 3) uint8.
    """
    picture = tinted_picture(image, _areas(np.asarray(mask) != 0, truth_mask), zoom=zoom)
    pen, width = ImageDraw.Draw(picture), line_width(picture)
    for box in _zoomed(electrodes, zoom):
        draw_circle(pen, box, width)
    for box in _zoomed(truth_electrodes, zoom) if truth_electrodes is not None else ():
        _draw_cross(pen, box, width)
    return np.asarray(picture)


def tinted_picture(
    image: np.ndarray, areas: Sequence[tuple[np.ndarray, Color]], *, zoom: int, opacity: float = OPACITY
) -> Image.Image:
    """Return a frame in grey, enlarged, with areas (rows, columns) of it tinted."""
    colors = np.repeat(_grey(np.asarray(image, dtype=np.float32))[..., None], 3, axis=-1)
    for area, color in areas:
        colors[area] = (1 - opacity) * colors[area] + opacity * np.array(color)
    picture = Image.fromarray(colors.round().astype(np.uint8))
    return picture.resize((zoom * picture.width, zoom * picture.height), Image.Resampling.NEAREST)


def line_width(picture: Image.Image) -> int:
    """Return how wide lines on a picture are, in pixels."""
    return max(1, round(min(picture.size) / 400))


def zoomed_points(points: np.ndarray, zoom: int) -> np.ndarray:
    """Move (N, 2) points, x and y, from a frame to a picture `zoom` times as large."""
    return (points + 0.5) * zoom - 0.5


def _zoomed(boxes: np.ndarray, zoom: int) -> np.ndarray:
    return np.concatenate([zoomed_points(boxes[:, :2], zoom), boxes[:, 2:4] * zoom], axis=1)


def _grey(image: np.ndarray) -> np.ndarray:
    low, high = np.percentile(image, (0.1, 99.9))
    if low == high:
        return np.full_like(image, 128)
    return rescale_intensity(image, in_range=(low, high), out_range=(0, 255))


def _areas(found: np.ndarray, truth_mask: np.ndarray | None) -> list[tuple[np.ndarray, Color]]:
    if truth_mask is None:
        return [(found, FOUND_COLOR)]
    true = np.asarray(truth_mask) != 0
    return [(found & true, FOUND_COLOR), (found & ~true, FALSE_COLOR), (~found & true, MISSED_COLOR)]


def draw_circle(pen: ImageDraw.ImageDraw, box: np.ndarray, width: int, color: Color = ELECTRODE_COLOR) -> float:
    """Draw a circle around an electrode's box on the picture, and return its radius."""
    # Outside the box, so that the electrode itself stays visible.
    radius = float(max(SMALLEST_RADIUS, *(box[2:4] / 2)) + width)
    pen.circle((box[0], box[1]), radius, outline=color, width=width)
    return radius


def _draw_cross(pen: ImageDraw.ImageDraw, box: np.ndarray, width: int) -> None:
    x, y = box[:2]
    arm = CROSS_ARM * width
    pen.line([x - arm, y, x + arm, y], fill=TRUE_ELECTRODE_COLOR, width=width)
    pen.line([x, y - arm, x, y + arm], fill=TRUE_ELECTRODE_COLOR, width=width)
