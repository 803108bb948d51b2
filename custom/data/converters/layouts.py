"""The layouts that can be converted, by name."""

from __future__ import annotations

from collections.abc import Callable

from custom.data.converters.coco import convert_coco
from custom.data.converters.duke import convert_duke
from custom.data.converters.folders import convert_folders
from custom.data.converters.source_frame import Conversion
from custom.data.converters.ucl import convert_ucl
from custom.data.converters.xraycath import convert_xraycath
from custom.errors import InputError

LAYOUTS: dict[str, Callable[..., Conversion]] = {
    "xraycath": convert_xraycath,
    "ucl": convert_ucl,
    "duke": convert_duke,
    "coco": convert_coco,
    "folders": convert_folders,
}


def find_converter(layout: str) -> Callable[..., Conversion]:
    """Return the converter of a layout; it takes the source's folder.

    Raises:
        InputError: where there is no such layout.
    """
    if layout not in LAYOUTS:
        raise InputError("unknown layout", found=layout, expected=", ".join(LAYOUTS))
    return LAYOUTS[layout]
