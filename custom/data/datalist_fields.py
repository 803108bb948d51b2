"""The fields of a datalist: one table says what each may hold, and is what a datalist is checked against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from custom.data.frame import POSSIBLE_SPACINGS, SpacingPlane, is_possible_spacing
from custom.values import is_index, is_number, is_positive, is_text

SPLITS = ("training", "validation", "test")


@dataclass(frozen=True)
class Field:
    """What a key may hold.

    Args:
        expected: the right value in words, for error messages.
        fits: tells whether a value is right, the items of a list aside.
        required: whether the key must be there.
        items: where the value is a list of objects, the fields of each.
    """

    expected: str
    fits: Callable[[Any], bool]
    required: bool = False
    items: Mapping[str, Field] = field(default_factory=dict)

    def without_items(self) -> Field:
        """Return a field that leaves the items of the list unchecked."""
        return replace(self, items={})


def is_identifier(value: Any) -> bool:
    """Tell whether a value is text or a whole number from 0."""
    return is_text(value) or is_index(value)


def is_list(value: Any) -> bool:
    """Tell whether a value is a list."""
    return isinstance(value, list)


def _is_spacing(value: Any) -> bool:
    return is_list(value) and len(value) == 2 and all(is_number(item) and is_possible_spacing(item) for item in value)


def _is_polyline(value: Any) -> bool:
    return is_list(value) and all(is_list(point) and len(point) == 2 and all(map(is_number, point)) for point in value)


def _or_null(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


ELECTRODE = {
    "x": Field("the centre's column in pixels, a finite number", is_number, required=True),
    "y": Field("the centre's row in pixels, a finite number", is_number, required=True),
    "width": Field("a positive number of pixels", is_positive, required=True),
    "height": Field("a positive number of pixels", is_positive, required=True),
    "kind": Field("the kind of electrode, text", is_text),
    "catheter": Field("the id of its catheter, text or a whole number from 0", is_identifier),
    "pole": Field("its index on the catheter, a whole number from 0 (the tip)", is_index),
}

CATHETER = {
    "id": Field("text or a whole number from 0", is_identifier, required=True),
    "type": Field("the catheter's type, text", is_text, required=True),
    "centerline": Field("a list of points [x, y], finite numbers of pixels", _is_polyline, required=True),
}

ENTRY = {
    "image": Field("the path of an image file", is_text, required=True),
    "frame": Field("an index into a multi-frame file, a whole number from 0", is_index),
    "mask": Field("the path of a mask file, or null (not annotated)", _or_null(is_text), required=True),
    "electrodes": Field(
        "a list of electrodes, [] (none in view) or null (not annotated)",
        _or_null(is_list),
        required=True,
        items=ELECTRODE,
    ),
    "case": Field("the name of the patient or procedure, text", is_text, required=True),
    "sequence": Field("the name of the run, text", is_text),
    "pixel_spacing_mm": Field(f"[row, column], {POSSIBLE_SPACINGS}", _is_spacing),
    "spacing_plane": Field("detector or isocentre", lambda value: value in get_args(SpacingPlane)),
    "catheters": Field("a list of catheters", is_list, items=CATHETER),
}

DATALIST = dict.fromkeys(SPLITS, Field("a list of entries", is_list, items=ENTRY))
