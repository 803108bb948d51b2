"""The fields of a COCO file that a datalist can be made from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from custom.data.datalist_fields import ELECTRODE, ENTRY, Field, is_identifier, is_list
from custom.values import is_index, is_number, is_positive, is_text

ANNOTATED = ("mask", "electrodes")


def _is_size(value: Any) -> bool:
    return is_index(value) and value > 0


def _is_box(value: Any) -> bool:
    return value in (None, []) or (
        is_list(value) and len(value) == 4 and all(map(is_number, value)) and all(map(is_positive, value[2:]))
    )


def _is_segmentation(value: Any) -> bool:
    if isinstance(value, dict):
        return is_list(value.get("size")) and _are_run_lengths(value.get("counts"))
    return value is None or (is_list(value) and all(_is_polygon(polygon) for polygon in value))


def _are_run_lengths(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(map(is_index, value)))


def _is_polygon(value: Any) -> bool:
    return is_list(value) and len(value) >= 6 and len(value) % 2 == 0 and all(map(is_number, value))


def _is_keypoints(value: Any) -> bool:
    return value is None or (is_list(value) and len(value) % 3 == 0 and all(map(is_number, value)))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_annotated(value: Any) -> bool:
    return is_list(value) and all(item in ANNOTATED for item in value)


# What the key `datalist` holds beside what is converted.
ENTRY_MORE = {
    "annotated": Field("a list of mask, electrodes, both or neither", _is_annotated),
    **{key: replace(rule, required=False) for key, rule in ENTRY.items() if key not in ("image", *ANNOTATED)},
}

ELECTRODE_MORE = {key: rule for key, rule in ELECTRODE.items() if not rule.required}

IMAGE = {
    "id": Field("text or a whole number from 0", is_identifier, required=True),
    "file_name": Field("the path of an image file", is_text, required=True),
    "width": Field("a positive whole number of pixels", _is_size, required=True),
    "height": Field("a positive whole number of pixels", _is_size, required=True),
    "datalist": Field("an object", _is_object),
}

ANNOTATION = {
    "image_id": Field("the id of an image", is_identifier, required=True),
    "category_id": Field("the id of a category", is_identifier, required=True),
    "bbox": Field("[left, top, width, height], finite numbers, the sizes positive", _is_box),
    "segmentation": Field(
        "polygons of three points or more, or run lengths {size, counts}, whole numbers from 0", _is_segmentation
    ),
    "keypoints": Field("x, y and visibility of every keypoint", _is_keypoints),
    "datalist": Field("an object", _is_object),
}

CATEGORY = {
    "id": Field("text or a whole number from 0", is_identifier, required=True),
    "name": Field("text", is_text, required=True),
}

COCO = {
    "images": Field("a list of images", is_list, required=True, items=IMAGE),
    "annotations": Field("a list of annotations", is_list, required=True, items=ANNOTATION),
    "categories": Field("a list of categories", is_list, required=True, items=CATEGORY),
}
