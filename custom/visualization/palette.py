"""Okabe and Ito's palette and four more, told apart by people with any colour vision; red, green, blue of 255."""

from __future__ import annotations

Color = tuple[int, int, int]

ORANGE = (230, 159, 0)
SKY_BLUE = (86, 180, 233)
GREEN = (0, 158, 115)
YELLOW = (240, 228, 66)
BLUE = (0, 114, 178)
VERMILION = (213, 94, 0)
PURPLE = (204, 121, 167)
# As far from all of these, and from grey, as they are from each other.
MINT = (195, 240, 180)
MAGENTA = (180, 30, 135)
VIOLET = (135, 120, 255)
CYAN = (0, 240, 255)


def hexadecimal(color: Color) -> str:
    """Return a colour as Matplotlib takes it, `#E69F00`."""
    return "#{:02X}{:02X}{:02X}".format(*color)
