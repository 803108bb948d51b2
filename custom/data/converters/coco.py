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

from custom.data.converters.coco_electrodes import electrodes_of, entry_faults, has_electrodes, is_mask
from custom.data.converters.coco_file import CocoFile, read_coco, unread_keys
from custom.data.converters.names import stem_of
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.data.datalist import SPLITS
from custom.data.datalist_fields import is_positive
from custom.errors import InputError, faults_in

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
    faults = [fault for file in files.values() for fault in entry_faults(file, keypoint_side)]
    if faults:
        raise faults_in(source, faults)
    frames = [frame for split, file in files.items() for frame in _frames(file, split or None, keypoint_side)]
    remarks = [remark for file in files.values() for remark in _remarks(file)]
    return _with_cases(frames, remarks)


def _frames(file: CocoFile, split: str | None, keypoint_side: float) -> Iterator[SourceFrame]:
    by_image = file.by_image()
    any_mask = any(map(is_mask, file.annotations))
    any_electrode = any(map(has_electrodes, file.annotations))
    for image in file.images:
        more = dict(image.get("datalist", {}))
        annotated = more.pop("annotated", ["mask"] * any_mask + ["electrodes"] * any_electrode)
        annotations = by_image.get(image["id"], [])
        electrodes = [found for _, one in annotations for found in electrodes_of(one, file, keypoint_side)]
        yield SourceFrame(
            name=_name(image, more),
            image=file.folder / image["file_name"],
            case=more.pop("case", ""),
            read_mask=partial(_read_mask, file.path, image, annotations) if "mask" in annotated else None,
            electrodes=electrodes if "electrodes" in annotated else None,
            split=split,
            more=more,
        )


def _read_mask(path: Path, image: dict[str, Any], annotations: Annotations) -> np.ndarray:
    mask = np.zeros((image["height"], image["width"]), bool)
    for place, annotation in annotations:
        if is_mask(annotation):
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
    path = PurePosixPath(stem_of(image["file_name"]))
    parts = [part for part in path.parts if part not in ("/", "..", ".")]
    return "/".join(parts) + (f"_{more['frame']:04d}" if "frame" in more else "")


def _with_cases(frames: list[SourceFrame], remarks: list[str]) -> Conversion:
    if all(frame.case for frame in frames):
        return Conversion(frames, remarks)
    folders = {frame.image.parent for frame in frames}
    if len(folders) > 1:
        cases = [str(PurePosixPath(frame.name).parent) for frame in frames]
        remark = f"every folder of images is a case, of which there are {len(folders)}: splits may divide patients"
    else:
        cases = [frame.name for frame in frames]
        remark = "nothing tells patients: every frame is a case, and frames of one patient may be in two splits"
    named = [replace(frame, case=frame.case or case) for frame, case in zip(frames, cases, strict=True)]
    return Conversion(named, remarks, remark)


def _remarks(file: CocoFile) -> Iterator[str]:
    """Say what became of every category: a tool may have given an electrode's box a segmentation."""
    kinds: Counter[tuple[str, str]] = Counter()
    for annotation in file.annotations:
        category = file.categories[annotation["category_id"]]
        kinds[category, "mask"] += is_mask(annotation)
        kinds[category, "electrode"] += len(electrodes_of(annotation, file, 1))
    for (category, kind), count in sorted(kinds.items()):
        if count:
            yield f"{file.path.name}: {count} of category {category!r} taken as {kind}"
    for key, count in sorted(unread_keys(file).items()):
        yield f"{file.path.name}: {count} of {key}, a key that nothing reads"
