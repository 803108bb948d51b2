"""Duke OCT, the first stage of pre-training: `{train,val,test}/{images,masks}/NAME.npy`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from custom.data.converters.label_files import read_label_mask
from custom.data.converters.names import existing_folder, files_by_name
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.errors import CatheterError, InputError, faults_in

SETS = {"train": "training", "val": "validation", "test": "test"}
# Label 8 is background in this data set.
LAYERS = {1, 2, 3, 4, 5, 6, 7, 9}


def convert_duke(source: Path) -> Conversion:
    """Read the layout; masks become one class, electrodes are not annotated.

    Raises:
        InputError: if folders of the layout are missing.
        FaultsError: if images or masks have no counterpart of the same name; lists all of them.
    """
    faults: list[CatheterError] = []
    frames: list[SourceFrame] = []
    for name in SETS:
        if name == "train" or (source / name).is_dir():
            frames.extend(_set_frames(existing_folder(source / name), faults))
    if faults:
        raise faults_in(source, faults)
    about_cases = "the layout tells no patients: its own sets are kept, every frame is a case"
    return Conversion(frames, about_cases=about_cases)


def _set_frames(folder: Path, faults: list[CatheterError]) -> Iterator[SourceFrame]:
    images = files_by_name(folder / "images", [".npy"])
    masks = files_by_name(folder / "masks", [".npy"])
    faults.extend(InputError("there is no mask of this name", source=images[key]) for key in images if key not in masks)
    faults.extend(InputError("there is no image of this name", source=masks[key]) for key in masks if key not in images)
    for key in (key for key in images if key in masks):
        name = f"{folder.name}/{images[key].stem}"
        read = partial(read_label_mask, masks[key], LAYERS)
        yield SourceFrame(name, images[key], name, read_mask=read, mask_file=masks[key], split=SETS[folder.name])
