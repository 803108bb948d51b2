"""COCO JSON as annotation tools export it: boxes, keypoints, polygons and both forms of run lengths.

A segmentation is part of the mask. A keypoint is an electrode, and so is a box that has neither keypoints nor a
segmentation. Annotation tools measure from the outer edge of the first pixel, a datalist from its centre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from faster_coco_eval import mask as run_lengths

from custom.data.converters.coco_electrodes import electrodes_of, entry_faults, has_electrodes, is_mask, is_rectangle
from custom.data.converters.coco_file import CocoFile, read_coco, unread_keys
from custom.data.converters.names import stem_of
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.data.datalist import SPLITS
from custom.errors import InputError, faults_in
from custom.given_names import given_names
from custom.values import is_positive
from custom.wording import counted

Annotations = Sequence[tuple[str, dict[str, Any]]]


# Names of a split's file in a folder: our own, and Roboflow's.
FILES = {
    "training": ("training.json", "train/_annotations.coco.json"),
    "validation": ("validation.json", "valid/_annotations.coco.json"),
    "test": ("test.json", "test/_annotations.coco.json"),
}


def convert_coco(
    source: Path,
    *,
    images: Path | None = None,
    keypoint_side: float = 8.0,
    electrodes: str | Iterable[str] = (),
    leave_out: str | Iterable[str] = (),
) -> Conversion:
    """Read COCO files.

    An image without annotations counts as annotated, with nothing there, for each kind of annotation that its file
    has; what `to_coco` wrote comes back as it was. The case of an image is its folder, where there are several, or
    else its file, which a cine's frames share.

    Args:
        source: one JSON file, or a folder with any of `training.json`, `validation.json` and `test.json`, or of
            Roboflow's `train`, `valid` and `test` with an `_annotations.coco.json` in each.
        images: the folder that `file_name` starts at; the JSON file's own by default.
        keypoint_side: side of the box around an electrode that is a keypoint, in pixels.
        electrodes: categories whose boxes are electrodes even where a tool gave them a segmentation.
        leave_out: categories that are neither catheters nor electrodes.

    Raises:
        InputError: if there is no such file or category, or `keypoint_side` is wrong.
        FaultsError: if images are missing or fields are wrong; lists all of them.
    """
    if not is_positive(keypoint_side):
        raise InputError("wrong keypoint_side", found=keypoint_side, expected="a positive number of pixels")
    by_box, left_out = frozenset(given_names(electrodes)), frozenset(given_names(leave_out))
    files = {
        split: read_coco(path, images or path.parent, electrodes=by_box, left_out=left_out)
        for split, path in _paths(source).items()
    }
    for option, names in (("--electrodes", by_box), ("--leave_out", left_out)):
        _check_categories(option, names, files.values())
    faults = [fault for file in files.values() for fault in entry_faults(file, keypoint_side)]
    if faults:
        raise faults_in(source, faults)
    frames = [frame for split, file in files.items() for frame in _frames(file, split or None, keypoint_side)]
    remarks = [remark for file in files.values() for remark in _remarks(file, source)]
    return _with_cases(frames, remarks)


def _paths(source: Path) -> dict[str, Path]:
    """Return the file of each split that the source has, of the split "" where it is one file."""
    if not source.is_dir():
        return {"": source}
    # Our own name comes last and stays.
    found = {split: source / name for split in SPLITS for name in reversed(FILES[split]) if (source / name).is_file()}
    if not found:
        expected = " or ".join(FILES["training"])
        raise InputError("there is no COCO file in the folder", source=source, expected=expected)
    return found


def _check_categories(option: str, names: Set[str], files: Iterable[CocoFile]) -> None:
    known = {category for file in files for category in file.categories.values()}
    for name in sorted(names - known):
        raise InputError("no such category", source=option, found=name, expected=", ".join(sorted(known)))


def _frames(file: CocoFile, split: str | None, keypoint_side: float) -> Iterator[SourceFrame]:
    by_image = file.by_image()
    any_mask = any(map(is_mask, file.annotations.values()))
    any_electrode = any(map(has_electrodes, file.annotations.values()))
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
    return "/".join(parts) + _number(more)


def _number(more: dict[str, Any]) -> str:
    return f"_{more['frame']:04d}" if "frame" in more else ""


def _name_of_file(frame: SourceFrame) -> str:
    return frame.name.removesuffix(_number(frame.more))


def _with_cases(frames: list[SourceFrame], remarks: list[str]) -> Conversion:
    if all(frame.case for frame in frames):
        return Conversion(frames, remarks)
    folders = [str(PurePosixPath(frame.name).parent) for frame in frames]
    if len(set(folders)) > 1:
        cases = folders
        remark = f"every folder of images is a case, of which there are {len(set(folders))}: splits may divide patients"
    else:
        cases = [_name_of_file(frame) for frame in frames]
        what = "file" if len(set(cases)) < len(cases) else "frame"
        remark = f"nothing tells patients: every {what} is a case, and {what}s of one patient may be in two splits"
    named = [replace(frame, case=frame.case or case) for frame, case in zip(frames, cases, strict=True)]
    return Conversion(named, remarks, remark)


def _remarks(file: CocoFile, source: Path) -> Iterator[str]:
    """Say what became of categories (a tool may have given an electrode's box a segmentation) and of bare images."""
    name = str(file.path.relative_to(source)) if source.is_dir() else file.path.name
    kinds: Counter[tuple[str, str]] = Counter()
    rectangles: Counter[str] = Counter()
    chains: Counter[str] = Counter()
    for annotation in file.annotations.values():
        category = file.categories[annotation["category_id"]]
        kinds[category, "mask"] += is_mask(annotation)
        electrodes = len(electrodes_of(annotation, file, 1))
        kinds[category, "electrode"] += electrodes
        chains[category] += electrodes > 1
        rectangles[category] += is_rectangle(annotation)
    for (category, kind), count in sorted(kinds.items()):
        if count:
            only_boxes = kind == "mask" and rectangles[category] == count
            remedy = f", all of them rectangles: electrodes, with --electrodes {category!r}" if only_boxes else ""
            yield f"{name}: {count} of category {category!r} taken as {kind}{remedy}"
    for category, count in sorted(chains.items()):
        if count:
            yield (
                f"{name}: {count} of category {category!r} with several keypoints: which electrodes these put on one "
                "catheter, and in which order, is not kept, since COCO does not tell where the tip is; `catheter` and "
                "`pole` in the datalist say so"
            )
    annotated = file.by_image()
    empty = sum(image["id"] not in annotated and "annotated" not in image.get("datalist", {}) for image in file.images)
    if empty and annotated:
        what = f"{empty} of {counted(len(file.images), 'image')} without annotations"
        yield f"{name}: {what}: they count as annotated, with nothing there; take out of the file what nobody annotated"
    for key, count in sorted(unread_keys(file).items()):
        yield f"{name}: {count} of {key}, a key that nothing reads"
