"""COCO as annotation tools write it, each in its own way, brought into one form before it is checked."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any


def in_one_form(document: Any, folder: Path, electrodes: Set[str]) -> Any:
    """Return a parsed COCO file in the form that the converter reads; what is wrong in it stays for the checks.

    - Windows writes backslashes into `file_name`.
    - VGG Image Annotator writes an `image_id` as text where the `id` is a number, and a polygon without the outer list.
    - Tools that know polygons alone write rectangles as such; in the categories that are named, the box counts.
    - Names of categories are typed by hand: blanks around them are no part of them.
    - CVAT writes a box of no size around a single keypoint. A box beside keypoints or a segmentation is not read.

    Args:
        document: the parsed file.
        folder: where `file_name` starts.
        electrodes: names of the categories whose boxes are electrodes, whether or not there is a segmentation.
    """
    if not isinstance(document, dict):
        return document
    numbers_first = sorted(
        (image.get("id") for image in _objects(document, "images")), key=lambda id_: isinstance(id_, str)
    )
    ids = {str(id_): id_ for id_ in numbers_first}
    named = {
        str(one.get("id")) for one in _objects(document, "categories") if str(one.get("name")).strip() in electrodes
    }
    forms = {
        "categories": _category,
        "images": lambda image: _image(image, folder),
        "annotations": lambda annotation: _annotation(annotation, ids, named),
    }
    return document | {
        key: [form(content) if isinstance(content, dict) else content for content in document[key]]
        for key, form in forms.items()
        if isinstance(document.get(key), list)
    }


def _objects(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = document.get(key)
    return [content for content in found if isinstance(content, dict)] if isinstance(found, list) else []


def _image(image: dict[str, Any], folder: Path) -> dict[str, Any]:
    name = image.get("file_name")
    if not isinstance(name, str) or "\\" not in name or (folder / name).exists():
        return image
    return image | {"file_name": name.replace("\\", "/")}


def _category(category: dict[str, Any]) -> dict[str, Any]:
    name = category.get("name")
    return category | {"name": name.strip()} if isinstance(name, str) else category


def _annotation(annotation: dict[str, Any], ids: Mapping[str, Any], electrodes: set[str]) -> dict[str, Any]:
    form = dict(annotation)
    if isinstance(form.get("image_id"), str):
        form["image_id"] = ids.get(form["image_id"], form["image_id"])
    polygon = form.get("segmentation")
    if isinstance(polygon, list) and polygon and not isinstance(polygon[0], list):
        form["segmentation"] = [polygon]
    if str(form.get("category_id")) in electrodes:
        form["segmentation"] = None
    if form.get("keypoints") or form.get("segmentation"):
        form["bbox"] = None
    return form
