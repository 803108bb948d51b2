"""UCL catheter segmentation, the second stage of pre-training.

The layout is `{Phantom,T1T2,T3-T6}/{JPEGImages,Annotations,ImageSets}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from custom.data.converters.label_files import read_any_label
from custom.data.converters.name_lists import listed_names
from custom.data.converters.names import files_by_name, sequence_of
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.errors import CatheterError, InputError, faults_in
from custom.wording import counted

SETS = {"train": "training", "val": "validation", "test": "test"}


def convert_ucl(source: Path) -> Conversion:
    """Read the layout; electrodes are not annotated.

    A folder, or the part of a file's name before its number, is a sequence and splits go by sequence. The layout's own
    sets, which divide sequences, are kept only where there are fewer than three sequences.

    Raises:
        InputError: if the layout's folders are missing.
        FaultsError: if listed images or masks are missing; lists all of them with their lines.
    """
    folders = [source] if (source / "JPEGImages").is_dir() else sorted(source.glob("*/"))
    folders = [folder for folder in folders if (folder / "JPEGImages").is_dir()]
    if not folders:
        raise InputError("the source has no folder with JPEGImages in it", source=source)
    faults: list[CatheterError] = []
    frames = [frame for folder in folders for frame in _frames(folder, faults)]
    if faults:
        raise faults_in(source, faults)
    sequences = sorted({frame.case for frame in frames})
    if len(sequences) >= len(SETS):
        about_cases = (
            f"splits go by sequence, of which there are {len(sequences)}; the layout's own sets divide sequences"
        )
        return Conversion([replace(frame, split=None) for frame in frames], about_cases=about_cases)
    few = f"{counted(len(sequences), 'sequence')}, too few to split"
    return Conversion(
        [replace(frame, case=frame.name) for frame in frames],
        about_cases=f"{few}: the layout's own sets are kept, every frame is a case",
    )


def _frames(folder: Path, faults: list[CatheterError]) -> Iterator[SourceFrame]:
    images = files_by_name(folder / "JPEGImages", [".jpg", ".jpeg"])
    place = folder.resolve().name
    masks = files_by_name(folder / "Annotations", [".png"])
    for key, split in listed_names(folder / "ImageSets", SETS, {"image": images, "mask": masks}, faults):
        yield SourceFrame(
            name=f"{place}/{images[key].stem}",
            image=images[key],
            case=sequence_of(place, images[key].stem),
            read_mask=partial(read_any_label, masks[key]),
            mask_file=masks[key],
            split=split,
        )
