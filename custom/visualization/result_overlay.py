"""A frame with the catheters and electrodes that were found on it."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from custom.postprocessing.polyline import resample_polyline
from custom.postprocessing.result import Catheter, Electrode, FrameResult
from custom.visualization.legend import LIKELY, TEXT_COLOR, catheter_color, draw_legend
from custom.visualization.overlay import FOUND_COLOR, draw_circle, line_width, tinted_picture, zoomed_points

SMALLEST_SIDE = 640
LARGEST_SIDE = 16384  # of a film in H.264, and of a frame that is read
MASK_OPACITY = 0.3
DASH_WIDTHS = 4


@lru_cache(maxsize=1)  # the picture, the film and the Secondary Capture show the same
def draw_result(result: FrameResult) -> np.ndarray:
    """Draw what was found on a frame.

    The mask is tinted; each catheter has a colour that stays with its track: its centreline, dashed where it is less
    likely there than not, and circles around its electrodes, numbered from the tip as their poles are named, from 1.
    Electrodes on no catheter are yellow and have no number. A legend names the catheters that have electrodes or a
    type, and says which are dashed; flags stand above it.

    Returns:
        (zoom * rows, zoom * columns, 3) uint8.
    """
    zoom = picture_zoom(result.pixels.shape)
    picture = tinted_picture(result.pixels, [(result.mask != 0, FOUND_COLOR)], zoom=zoom, opacity=MASK_OPACITY)
    pen = ImageDraw.Draw(picture, "RGBA")
    width, font = line_width(picture), _font(picture)
    for catheter in result.catheters:
        _draw_catheter(pen, catheter, zoom=zoom, width=width)
    for electrode in result.electrodes:
        if electrode.catheter is None:
            draw_circle(pen, _box(electrode, zoom), width)
    for catheter in result.catheters:
        _draw_electrodes(pen, result, catheter, zoom=zoom, width=width, font=font)
    draw_legend(pen, result, font)
    return np.asarray(picture)


def picture_zoom(shape: tuple[int, ...]) -> int:
    """Return the smallest whole number that makes both sides of a frame at least 640 pixels long.

    Of a narrow frame the long side would outgrow what films can hold; it gets the largest number that does not.
    """
    return max(1, min(math.ceil(SMALLEST_SIDE / min(shape)), LARGEST_SIDE // max(shape)))


def _draw_catheter(pen: ImageDraw.ImageDraw, catheter: Catheter, *, zoom: int, width: int) -> None:
    points, color = zoomed_points(catheter.centerline, zoom), catheter_color(catheter)
    if catheter.confidence >= LIKELY:
        pen.line([tuple(point) for point in points.tolist()], fill=color, width=width)
        return
    ends = resample_polyline(points, float(DASH_WIDTHS * width)).tolist()
    for start, stop in zip(ends[::2], ends[1::2], strict=False):
        pen.line([tuple(start), tuple(stop)], fill=color, width=width)


def _draw_electrodes(
    pen: ImageDraw.ImageDraw,
    result: FrameResult,
    catheter: Catheter,
    *,
    zoom: int,
    width: int,
    font: ImageFont.FreeTypeFont,
) -> None:
    electrodes = [result.electrodes[index] for index in catheter.electrodes]
    boxes = [_box(electrode, zoom) for electrode in electrodes]
    sides = _sides(np.array([box[:2] for box in boxes]).reshape(-1, 2))
    for electrode, box, side in zip(electrodes, boxes, sides, strict=True):
        radius = draw_circle(pen, box, width, catheter_color(catheter))
        if electrode.pole is not None:
            x, y = box[:2] + side * (radius + 0.6 * font.size)
            pen.text(
                (x, y), str(electrode.pole + 1), fill=TEXT_COLOR, font=font, anchor="mm", stroke_width=1, stroke_fill=0
            )


def _sides(points: np.ndarray) -> np.ndarray:
    """For (N, 2) points along a catheter, unit vectors (N, 2) across it, where there is room for a number."""
    if len(points) < 2:
        return np.tile([[0.0, -1.0]], (len(points), 1))
    along = np.gradient(points, axis=0)
    lengths = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    return np.stack([along[:, 1], -along[:, 0]], axis=1) / lengths


def _box(electrode: Electrode, zoom: int) -> np.ndarray:
    x, y = zoomed_points(np.array([electrode.x, electrode.y]), zoom)
    return np.array([x, y, electrode.width * zoom, electrode.height * zoom])


@lru_cache(maxsize=8)
def _sized_font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)  # type: ignore[return-value]  # Pillow's wheels have FreeType


def _font(picture: Image.Image) -> ImageFont.FreeTypeFont:
    return _sized_font(max(12, round(min(picture.size) / 48)))
