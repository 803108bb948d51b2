"""Text and graphics as workstations draw them into the pixels of what they export."""

from __future__ import annotations

import string
from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

HEARTBEAT = (20, 160)  # pixels
DEFLECTION = (6, 40)  # pixels
WAVES = (
    (0.18, 0.03, 0.12),
    (0.3, 0.012, 1.0),
    (0.34, 0.012, -0.3),
    (0.6, 0.05, 0.25),
)  # position, width, height: P R S T
GRAPHICS = (1, 4)
CHARACTERS = (1, 24)
ALPHABET = list(string.ascii_letters + 3 * string.digits + "+-=|.:/()<>%" + 4 * " ")


def random_line(random: np.random.Generator) -> str:
    """Draw a line of letters, digits, signs and spaces."""
    return "".join(random.choice(ALPHABET, random.integers(*CHARACTERS, endpoint=True)))


def text_opacity(rows: int, columns: int, lines: Iterable[tuple[float, float, str]], font: Font) -> np.ndarray:
    """Write lines, each given as the x and y of its upper left corner and its text; what leaves the frame is cut.

    Returns:
        (rows, columns) float32, 1 where a stroke covers the pixel.
    """
    canvas = Image.new("L", (columns, rows))
    pen = ImageDraw.Draw(canvas)
    for x, y, text in lines:
        pen.text((x, y), text, fill=255, font=font)
    return _opacity(canvas)


def electrocardiogram_opacity(rows: int, columns: int, random: np.random.Generator) -> np.ndarray:
    """Draw the trace of an electrocardiogram across the frame, at any height.

    Returns:
        (rows, columns) float32, 1 where the line covers the pixel.
    """
    x = np.arange(columns)
    phase = (x / random.uniform(*HEARTBEAT) + random.random()) % 1
    wave = sum(height * np.exp(-(((phase - position) / width) ** 2) / 2) for position, width, height in WAVES)
    y = random.uniform(0.05, 0.98) * rows - random.uniform(*DEFLECTION) * wave
    canvas = Image.new("L", (columns, rows))
    ImageDraw.Draw(canvas).line(np.stack([x, y], axis=1).ravel().tolist(), fill=255, width=int(random.integers(1, 3)))
    return _opacity(canvas)


def graphics_opacity(rows: int, columns: int, random: np.random.Generator) -> np.ndarray:
    """Draw frames, upright and level lines, and rulers.

    Returns:
        (rows, columns) float32, 1 where a line covers the pixel.
    """
    canvas = Image.new("L", (columns, rows))
    pen = ImageDraw.Draw(canvas)
    for _ in range(random.integers(*GRAPHICS, endpoint=True)):
        left, right = sorted(random.uniform(0, columns, 2))
        top, bottom = sorted(random.uniform(0, rows, 2))
        match random.integers(4):
            case 0:
                pen.rectangle((left, top, right, bottom), outline=255)
            case 1:
                pen.line((left, top, right, top), fill=255)
            case 2:
                pen.line((left, top, left, bottom), fill=255)
            case _:
                pen.line((left, top, left, bottom), fill=255)
                for y in np.arange(top, bottom, random.uniform(4, 30)):
                    pen.line((left, y, left + 6, y), fill=255)
    return _opacity(canvas)


def _opacity(canvas: Image.Image) -> np.ndarray:
    return np.asarray(canvas, dtype=np.float32) / 255
