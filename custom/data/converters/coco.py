"""COCO JSON as annotation tools export it: boxes, keypoints, polygons and both forms of run lengths.

A segmentation is part of the mask. A keypoint is an electrode, and so is a box that has neither keypoints nor a
segmentation. COCO measures boxes from the outer edge of the first pixel, a datalist from its centre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from faster_coco_eval import mask as run_lengths

from custom.data.converters.coco_file import CocoFile, read_coco
from custom.data.converters.conversion import Conversion, SourceFrame
from custom.data.datalist import SPLITS
from custom.data.datalist_fields import is_positive
from custom.errors import InputError

NOT_LABELLED = 0
Annotations = Sequence[tuple[str, dict[str, Any]]]


def convert_coco(source: Path, *, images: Path | None = None, keypoint_side: float = 8.0) -> Conversion:
    """Read COCO files.

    An image without annotations counts as annotated, with nothing there, for each kind of annotation that its file
    has; what `to_coco` wrote comes back as it was. The case of an image is its folder, where there are several.

    Args:
        source: one JSON file, or a folder with `training.json` and any of `validation.json` and `test.json`.
        images: the folder that `file_name` starts at; the JSON file's own by default.
        keypoint_side: side of the box around an electrode that is a keypoint, in pixels.

    Raises:
        InputError: if there is no such file, or `keypoint_side` is wrong.
        FaultsError: if images are missing or fields are wrong; lists all of them.
    """
    if not is_positive(keypoint_side):
        raise InputError("wrong keypoint_side", found=keypoint_side, expected="a positive number of pixels")
    if source.is_dir():
        paths = {split: source / f"{split}.json" for split in SPLITS if (source / f"{split}.json").is_file()}
        if not paths:
            raise InputError("there is no COCO file in the folder", source=source, expected="training.json")
    else:
        paths = {"": source}
    files = {split: read_coco(path, images or path.parent) for split, path in paths.items()}
    frames = [frame for split, file in files.items() for frame in _frames(file, split or None, keypoint_side)]
    remarks = [remark for file in files.values() for remark in _remarks(file)]
    return _with_cases(frames, remarks)


def _frames(file: CocoFile, split: str | None, keypoint_side: float) -> Iterator[SourceFrame]:
    by_image = file.by_image()
    has_masks = any(map(_is_mask, file.annotations))
    has_electrodes = any(map(_has_electrodes, file.annotations))
    for image in file.images:
        more = dict(image.get("datalist", {}))
        annotated = more.pop("annotated", ["mask"] * has_masks + ["electrodes"] * has_electrodes)
        annotations = by_image.get(image["id"], [])
        electrodes = [found for _, one in annotations for found in _electrodes(one, file, keypoint_side)]
        yield SourceFrame(
            name=_name(image, more),
            image=file.folder / image["file_name"],
            case=more.pop("case", ""),
            read_mask=partial(_read_mask, file.path, image, annotations) if "mask" in annotated else None,
            electrodes=electrodes if "electrodes" in annotated else None,
            split=split,
            more=more,
        )


def _is_mask(annotation: dict[str, Any]) -> bool:
    return bool(annotation.get("segmentation"))


def _has_electrodes(annotation: dict[str, Any]) -> bool:
    return bool(annotation.get("keypoints")) or not _is_mask(annotation)


def _electrodes(annotation: dict[str, Any], file: CocoFile, keypoint_side: float) -> list[dict[str, Any]]:
    keypoints = annotation.get("keypoints")
    if keypoints:
        size = {"width": keypoint_side, "height": keypoint_side}
        points = zip(keypoints[::3], keypoints[1::3], keypoints[2::3], strict=True)
        return [{"x": x, "y": y, **size} for x, y, visibility in points if visibility != NOT_LABELLED]
    if _is_mask(annotation):
        return []
    left, top, width, height = annotation["bbox"]
    more = annotation.get("datalist", {"kind": file.categories[annotation["category_id"]]})
    return [{"x": left + width / 2 - 0.5, "y": top + height / 2 - 0.5, "width": width, "height": height, **more}]


def _read_mask(path: Path, image: dict[str, Any], annotations: Annotations) -> np.ndarray:
    mask = np.zeros((image["height"], image["width"]), bool)
    for place, annotation in annotations:
        if _is_mask(annotation):
            mask |= _decode(path, place, annotation["segmentation"], image["height"], image["width"])
    return mask


def _decode(path: Path, place: str, segmentation: Any, rows: int, columns: int) -> np.ndarray:
    field = f"{place}.segmentation"
    if isinstance(segmentation, dict) and segmentation["size"] != [rows, columns]:
        found, expected = segmentation["size"], f"the image's {[rows, columns]}"
        raise InputError("wrong size", source=path, field=field, found=found, expected=expected)
    try:
        decoded = run_lengths.decode(run_lengths.segmToRle(segmentation, columns, rows))
    except (ValueError, RuntimeError, TypeError) as error:
        raise InputError(f"the run lengths are broken ({error})", source=path, field=field) from error
    return np.asarray(decoded, dtype=bool)


def _name(image: dict[str, Any], more: dict[str, Any]) -> str:
    parts = [part for part in PurePosixPath(image["file_name"]).with_suffix("").parts if part not in ("/", "..", ".")]
    return "/".join(parts) + (f"_{more['frame']:04d}" if "frame" in more else "")


def _with_cases(frames: list[SourceFrame], remarks: list[str]) -> Conversion:
    if all(frame.case for frame in frames):
        return Conversion(frames, remarks)
    folders = {frame.image.parent for frame in frames}
    if len(folders) > 1:
        cases = [str(PurePosixPath(frame.name).parent) for frame in frames]
        remark = f"every folder of images is a case, of which there are {len(folders)}"
    else:
        cases = [frame.name for frame in frames]
        remark = "nothing tells patients: every frame is a case, and frames of one patient may be in two splits"
    named = [replace(frame, case=frame.case or case) for frame, case in zip(frames, cases, strict=True)]
    return Conversion(named, [*remarks, remark])


def _remarks(file: CocoFile) -> Iterator[str]:
    """Say what became of every category: a tool may have given an electrode's box a segmentation."""
    kinds: Counter[tuple[str, str]] = Counter()
    for annotation in file.annotations:
        category = file.categories[annotation["category_id"]]
        kinds[category, "mask"] += _is_mask(annotation)
        kinds[category, "electrode"] += len(_electrodes(annotation, file, 1))
    for (category, kind), count in sorted(kinds.items()):
        if count:
            yield f"{file.path.name}: {count} of category {category!r} taken as {kind}"
