"""Text as workstations write it into the pixels of what they export."""

from __future__ import annotations

import string
from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

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
    return np.asarray(canvas, dtype=np.float32) / 255
