"""The legend of a picture, and the colours that it explains."""

from __future__ import annotations

from PIL import ImageDraw, ImageFont

from custom.postprocessing.catheter_types.table import UNKNOWN
from custom.postprocessing.result import Catheter, FrameResult
from custom.visualization.overlay import ELECTRODE_COLOR
from custom.visualization.palette import (
    BLUE,
    CYAN,
    GREEN,
    MAGENTA,
    MINT,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILION,
    VIOLET,
    Color,
)
from custom.wording import counted

# Yellow are electrodes on no catheter.
CATHETER_COLORS = (ORANGE, SKY_BLUE, GREEN, PURPLE, VERMILION, BLUE, MINT, MAGENTA, VIOLET, CYAN)
FLAG_BACKGROUND = VERMILION
BACKGROUND = (0, 0, 0, 150)
TEXT_COLOR = (255, 255, 255)
LIKELY = 0.5


def catheter_color(catheter: Catheter) -> Color:
    """Return a colour that stays with the catheter's track."""
    return CATHETER_COLORS[catheter.number % len(CATHETER_COLORS)]


def draw_legend(pen: ImageDraw.ImageDraw, result: FrameResult, font: ImageFont.FreeTypeFont) -> None:
    """Write flags, then a line for each catheter that has electrodes or a type, then how many things have none."""
    y = font.size / 2
    if result.flags:
        flags = ", ".join(flag.replace("_", " ") for flag in result.flags)
        y = _draw_line(pen, flags, y, font=font, background=FLAG_BACKGROUND)
    for catheter in filter(_is_named, result.catheters):
        y = _draw_line(pen, _description(catheter, result), y, font=font, color=catheter_color(catheter))
    unnamed = sum(not _is_named(catheter) for catheter in result.catheters)
    if unnamed:
        y = _draw_line(pen, f"{unnamed} without electrodes", y, font=font)
    loose = sum(electrode.catheter is None for electrode in result.electrodes)
    if loose:
        _draw_line(pen, f"{counted(loose, 'electrode')} on no catheter", y, font=font, color=ELECTRODE_COLOR)


def _draw_line(
    pen: ImageDraw.ImageDraw,
    text: str,
    y: float,
    *,
    font: ImageFont.FreeTypeFont,
    color: Color | None = None,
    background: tuple[int, ...] = BACKGROUND,
) -> float:
    """Write a line of the legend, with a patch of `color` before it, and return where the next one goes."""
    margin, height = font.size / 2, 1.5 * font.size
    left = margin if color is None else margin + font.size
    right = pen.textlength(text, font=font) + left + 2 * margin
    pen.rectangle([margin, y, right, y + height], fill=background)
    if color is not None:
        pen.rectangle([margin, y, left, y + height], fill=color)
    pen.text((left + margin, y + height / 2), text, fill=TEXT_COLOR, font=font, anchor="lm")
    return y + height + 1


def _is_named(catheter: Catheter) -> bool:
    return bool(catheter.electrodes) or catheter.type != UNKNOWN


def _description(catheter: Catheter, result: FrameResult) -> str:
    name = catheter.type.replace("_", " ")
    parts = [name if catheter.type == UNKNOWN else f"{name} {catheter.type_confidence:.2f}"]
    if catheter.length_mm is not None:
        parts.append(f"{catheter.length_mm:.0f} mm ({result.spacing_plane})")
    if catheter.confidence < LIKELY:  # the type's confidence may be 1, since it is that of a catheter that is there
        parts.append("doubtful")
    return ", ".join(parts)
