"""What of a COCO file is a mask, and what electrodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from custom.data.checked_entry import CheckedEntry
from custom.data.converters.coco_file import CocoFile
from custom.data.entry_checks import check_entry
from custom.errors import InputError

NOT_LABELLED = 0


def is_mask(annotation: dict[str, Any]) -> bool:
    """Tell whether an annotation is part of the mask."""
    return bool(annotation.get("segmentation"))


def is_rectangle(annotation: dict[str, Any]) -> bool:
    """Tell whether a segmentation is nothing but an upright box."""
    segmentation = annotation.get("segmentation")
    if not isinstance(segmentation, list) or len(segmentation) != 1 or len(segmentation[0]) not in (8, 10):
        return False
    return len(set(segmentation[0][::2])) == len(set(segmentation[0][1::2])) == 2


def has_electrodes(annotation: dict[str, Any]) -> bool:
    """Tell whether an annotation is of a kind that holds electrodes."""
    return bool(annotation.get("keypoints")) or not is_mask(annotation)


def electrodes_of(annotation: dict[str, Any], file: CocoFile, keypoint_side: float) -> list[dict[str, Any]]:
    """Return the electrodes of an annotation as a datalist has them."""
    keypoints = annotation.get("keypoints")
    if keypoints:
        size = {"width": keypoint_side, "height": keypoint_side}
        points = zip(keypoints[::3], keypoints[1::3], keypoints[2::3], strict=True)
        return [{"x": x - 0.5, "y": y - 0.5, **size} for x, y, visibility in points if visibility != NOT_LABELLED]
    if is_mask(annotation):
        return []
    left, top, width, height = annotation["bbox"]
    more = annotation.get("datalist", {"kind": file.categories[annotation["category_id"]]})
    return [{"x": left + width / 2 - 0.5, "y": top + height / 2 - 0.5, "width": width, "height": height, **more}]


def entry_faults(file: CocoFile, keypoint_side: float) -> Iterator[InputError]:
    """Find what a datalist could not hold: labels outside their image, fields that do not go together."""
    by_image = file.by_image()
    for index, image in enumerate(file.images):
        electrodes = []
        for place, annotation in by_image.get(image["id"], []):
            found = electrodes_of(annotation, file, keypoint_side)
            field = f"{place}.{'keypoints' if annotation.get('keypoints') else 'bbox'}"
            yield from _centres_outside(found, image, field, file)
            yield from _polygons_outside(annotation, image, place, file)
            electrodes += found
        checked = CheckedEntry(file.path, "images", index, {**image.get("datalist", {}), "electrodes": electrodes})
        check_entry(checked)
        yield from checked.faults


def _polygons_outside(
    annotation: dict[str, Any], image: dict[str, Any], place: str, file: CocoFile
) -> Iterator[InputError]:
    polygons = annotation.get("segmentation")
    if not polygons or isinstance(polygons, dict):
        return
    for start, axis, length in ((0, "x", image["width"]), (1, "y", image["height"])):
        values = [value for polygon in polygons for value in polygon[start::2]]
        if max(values) <= 0 or min(values) >= length:
            field, found = f"{place}.segmentation", f"{axis} from {min(values):g} to {max(values):g}"
            expected = f"a part of it from 0 to {length}"
            yield InputError("lies outside its image", source=file.path, field=field, found=found, expected=expected)


def _centres_outside(
    electrodes: list[dict[str, Any]], image: dict[str, Any], field: str, file: CocoFile
) -> Iterator[InputError]:
    right, bottom = image["width"] - 0.5, image["height"] - 0.5
    for x, y in ((electrode["x"], electrode["y"]) for electrode in electrodes):
        if not (-0.5 <= x <= right and -0.5 <= y <= bottom):
            problem = "the centre of an electrode is outside its image"
            expected = f"x from -0.5 to {right} and y from -0.5 to {bottom}"
            yield InputError(problem, source=file.path, field=field, found=(x, y), expected=expected)
