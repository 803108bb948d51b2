"""A COCO file whose fields, references and images are right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custom.data.converters.coco_dialects import in_one_form
from custom.data.converters.coco_fields import COCO, ELECTRODE_MORE, ENTRY_MORE
from custom.data.datalist import read_json
from custom.data.datalist_fields import ELECTRODE, ENTRY
from custom.data.field_checks import object_faults
from custom.data.reader import read_size
from custom.errors import CatheterError, InputError, faults_in

# Where an object may have the key `datalist`: what it may hold, and all fields of what it becomes a part of.
MORE = {"images": (ENTRY_MORE, ENTRY), "annotations": (ELECTRODE_MORE, ELECTRODE)}


@dataclass(frozen=True)
class CocoFile:
    """The content of a COCO file.

    Args:
        path: the file.
        folder: where the images' `file_name` starts.
        images: as they stand in the file.
        annotations: those that are not left out, by their place, such as `annotations[3]`.
        categories: name of each category by id.
    """

    path: Path
    folder: Path
    images: list[dict[str, Any]]
    annotations: dict[str, dict[str, Any]]
    categories: dict[Any, str]

    def by_image(self) -> dict[Any, list[tuple[str, dict[str, Any]]]]:
        """Return the annotations of each image's id, each with its place."""
        found: dict[Any, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for place, annotation in self.annotations.items():
            found[annotation["image_id"]].append((place, annotation))
        return found


def read_coco(
    path: Path, folder: Path, *, electrodes: Set[str] = frozenset(), left_out: Set[str] = frozenset()
) -> CocoFile:
    """Read and check a COCO file; of the images only the headers are read.

    Args:
        path: the file.
        folder: where `file_name` starts.
        electrodes: names of the categories whose boxes are electrodes, whether or not there is a segmentation.
        left_out: names of the categories that do not count.

    Raises:
        InputError: if the file is missing or not JSON.
        FaultsError: if fields are wrong, ids unknown, or images missing or of another size; lists all of them.
    """
    document = in_one_form(read_json(path), folder, electrodes)
    faults: list[CatheterError] = list(object_faults(document, COCO, "", path))
    if not faults:
        faults.extend(_reference_faults(document, path))
        faults.extend(_more_faults(document, path))
        faults.extend(_image_faults(document, path, folder))
    if faults:
        raise faults_in(path, faults)
    categories = {category["id"]: category["name"] for category in document["categories"]}
    annotations = {
        f"annotations[{index}]": annotation
        for index, annotation in enumerate(document["annotations"])
        if categories[annotation["category_id"]] not in left_out
    }
    return CocoFile(path, folder, document["images"], annotations, categories)


def unread_keys(file: CocoFile) -> Counter[str]:
    """Count the keys under `datalist` that nothing reads; they are kept."""
    found: Counter[str] = Counter()
    for kind, objects in (("images", file.images), ("annotations", file.annotations.values())):
        for content in objects:
            found.update(f"{kind}.datalist.{key}" for key in content.get("datalist", {}) if key not in MORE[kind][0])
    return found


def _more_faults(document: dict[str, Any], path: Path) -> Iterator[InputError]:
    for kind, (own, all_fields) in MORE.items():
        for index, content in enumerate(document[kind]):
            more, place = content.get("datalist", {}), f"{kind}[{index}].datalist"
            yield from object_faults(more, own, place, path)
            for key in more:
                if key in all_fields and key not in own:
                    problem = "the key is taken from the image and its annotations"
                    yield InputError(problem, source=path, field=f"{place}.{key}", remedy="Remove it")


def _reference_faults(document: dict[str, Any], path: Path) -> Iterator[InputError]:
    known = {"image_id": set[Any](), "category_id": set[Any]()}
    for kind, ids in zip(("images", "categories"), known.values(), strict=True):
        for index, content in enumerate(document[kind]):
            if content["id"] in ids:
                yield InputError("the id occurs twice", source=path, field=f"{kind}[{index}].id", found=content["id"])
            ids.add(content["id"])
    for index, annotation in enumerate(document["annotations"]):
        for key, values in known.items():
            if annotation[key] not in values:
                place = f"annotations[{index}].{key}"
                yield InputError("the id is unknown", source=path, field=place, found=annotation[key])
        if not any(annotation.get(key) for key in ("bbox", "keypoints", "segmentation")):
            place = f"annotations[{index}]"
            yield InputError("there is neither a box nor keypoints nor a segmentation", source=path, field=place)


def _image_faults(document: dict[str, Any], path: Path, folder: Path) -> Iterator[InputError]:
    for index, image in enumerate(document["images"]):
        place = f"images[{index}]"
        try:
            size = read_size(folder / image["file_name"])
        except InputError as error:
            remedy = f"file_name starts at {folder}; --images names another folder"
            yield InputError(str(error).removesuffix("."), source=path, field=f"{place}.file_name", remedy=remedy)
            continue
        if size != (image["height"], image["width"]):
            expected = f"the file's (rows, columns) {size}"
            found = (image["height"], image["width"])
            yield InputError("height and width are wrong", source=path, field=place, found=found, expected=expected)
