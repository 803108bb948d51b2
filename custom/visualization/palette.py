"""Okabe and Ito's palette, told apart by people with any colour vision and by lightness; red, green, blue of 255."""

from __future__ import annotations

Color = tuple[int, int, int]

ORANGE = (230, 159, 0)
SKY_BLUE = (86, 180, 233)
GREEN = (0, 158, 115)
YELLOW = (240, 228, 66)
BLUE = (0, 114, 178)
VERMILION = (213, 94, 0)
PURPLE = (204, 121, 167)


def hexadecimal(color: Color) -> str:
    """Return a colour as Matplotlib takes it, `#E69F00`."""
    return "#{:02X}{:02X}{:02X}".format(*color)
