"""Frames in a folder `images`, masks of the same names in a folder `masks` beside it: what most people have."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from custom.data.converters.conversion import Conversion, SourceFrame
from custom.data.converters.label_files import read_any_label
from custom.data.converters.names import files_by_name, sequence_of
from custom.data.frame_stream import PICTURE_SUFFIXES
from custom.errors import InputError

IMAGES, MASKS = "images", "masks"


def convert_folders(source: Path) -> Conversion:
    """Read the layout, in the source or anywhere below it; electrodes are not annotated.

    A folder, or the part of a file's name before its number, is a sequence and splits go by sequence. Every value of a
    mask but 0 is foreground.

    Raises:
        InputError: there are no two such folders, or no image has a mask.
        FaultsError: names of two files of a folder are the same number.
    """
    folders = sorted(path.parent for path in source.rglob(MASKS) if path.is_dir() and (path.parent / IMAGES).is_dir())
    if not folders:
        expected = f"a folder {IMAGES} and beside it a folder {MASKS}, here or below"
        raise InputError("the source has no such folders", source=source, expected=expected)
    frames: list[SourceFrame] = []
    remarks: list[str] = []
    for folder in folders:
        images = files_by_name(folder / IMAGES, PICTURE_SUFFIXES)
        masks = files_by_name(folder / MASKS, PICTURE_SUFFIXES)
        place = "" if folder == source else folder.relative_to(source).as_posix()
        frames += [_frame(images[key], masks[key], place, source) for key in images if key in masks]
        left_out = len(images.keys() - masks.keys())
        if left_out:
            remarks.append(f"{folder / IMAGES}: {left_out} image(s) without a mask are left out")
    if not frames:
        raise InputError("no image has a mask of its name", source=source)
    return Conversion(frames, remarks)


def _frame(image: Path, mask: Path, place: str, source: Path) -> SourceFrame:
    return SourceFrame(
        name=f"{place}/{image.stem}" if place else image.stem,
        image=image,
        case=sequence_of(place or source.resolve().name, image.stem),
        read_mask=partial(read_any_label, mask),
        mask_file=mask,
    )
