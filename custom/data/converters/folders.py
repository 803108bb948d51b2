"""Frames in a folder `images`, masks of the same names in a folder `masks` beside it: what most people have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from custom.data.converters.label_files import read_any_label
from custom.data.converters.names import files_by_name, sequence_of, stem_of
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.data.frame_stream import SUFFIXES as STREAM_SUFFIXES
from custom.data.video_file import SUFFIXES as VIDEO_SUFFIXES
from custom.errors import InputError
from custom.wording import counted

IMAGES, MASKS = "images", "masks"
SUFFIXES = tuple(suffix for suffix in STREAM_SUFFIXES if suffix not in VIDEO_SUFFIXES)


def convert_folders(source: Path) -> Conversion:
    """Read the layout, in the source or anywhere below it; electrodes are not annotated.

    A folder, or the part of a file's name before its number, is a sequence and splits go by sequence. Every value of a
    mask but 0 is foreground. The remarks tell what is left out.

    Raises:
        InputError: there are no two such folders, or no image has a mask.
        FaultsError: names of two files of a folder are the same number.
    """
    folders = sorted(path.parent for path in source.rglob(MASKS) if path.is_dir() and (path.parent / IMAGES).is_dir())
    remarks = list(_linked_folders(source))
    if not folders:
        expected = f"a folder {IMAGES} and beside it a folder {MASKS}, here or below"
        problem = f"the source has no such folders{_in_brackets(remarks)}"
        raise InputError(problem, source=source, expected=expected)
    frames: list[SourceFrame] = []
    for folder in folders:
        images = files_by_name(folder / IMAGES, SUFFIXES)
        masks = files_by_name(folder / MASKS, SUFFIXES)
        place = "" if folder == source else folder.relative_to(source).as_posix()
        frames += [_frame(images[key], masks[key], place, source) for key in images if key in masks]
        remarks += _left_out(folder / IMAGES, "image", "a mask", len(images.keys() - masks.keys()))
        remarks += _left_out(folder / MASKS, "mask", "an image", len(masks.keys() - images.keys()))
    if not frames:
        raise InputError(f"no image has a mask of its name{_in_brackets(remarks)}", source=source)
    return Conversion(frames, remarks, _about_cases(frames))


def _about_cases(frames: list[SourceFrame]) -> str | None:
    cases = {frame.case for frame in frames}
    if 1 < len(frames) == len(cases):
        return "names tell no sequences: every frame is a case, and splits may divide patients"
    if len(cases) > 1:
        return (
            f"every sequence is a case, such as {min(cases)}: where a patient has several, splits may divide patients"
        )
    return None


def _left_out(folder: Path, kind: str, lacking: str, single: int) -> Iterator[str]:
    others = [path for path in folder.iterdir() if not path.name.lower().endswith(SUFFIXES)]
    inner = [path.name for path in others if path.is_dir()]
    files = sorted(path.name for path in others if not path.is_dir() and not path.name.startswith("."))
    if single:
        yield f"{folder}: {counted(single, kind)} without {lacking} left out"
    if inner:
        yield f"{folder}: {counted(len(inner), 'folder')} in it left out, such as {min(inner)}"
    if files:
        yield f"{folder}: {counted(len(files), 'file')} without a suffix of images left out, such as {files[0]}"


def _linked_folders(source: Path) -> Iterator[str]:
    for folder, names, _ in os.walk(source):
        for path in sorted(Path(folder, name) for name in names if name not in (IMAGES, MASKS)):
            if path.is_symlink():
                yield f"{path}: a linked folder, left out"


def _in_brackets(remarks: list[str]) -> str:
    return f" ({'; '.join(remarks)})" if remarks else ""


def _frame(image: Path, mask: Path, place: str, source: Path) -> SourceFrame:
    stem = stem_of(image.name)
    return SourceFrame(
        name=f"{place}/{stem}" if place else stem,
        image=image,
        case=sequence_of(place or source.resolve().name, stem),
        read_mask=partial(read_any_label, mask),
        mask_file=mask,
    )
