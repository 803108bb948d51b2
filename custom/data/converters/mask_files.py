"""The masks of a conversion, written all or none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tqdm import tqdm

from custom.data.converters.source_frame import SourceFrame
from custom.data.reader import frame_index, open_frames
from custom.errors import FaultsError, InputError
from custom.files import absolute_path, write_image
from custom.wording import counted


def mask_path(frame: SourceFrame, output: Path) -> Path:
    """Return where the mask of a frame is written."""
    return _mask_file(output / "masks", frame)


def with_own_names(frames: Sequence[SourceFrame]) -> list[SourceFrame]:
    """Number the frames whose masks would be written over that of another frame."""
    taken: set[str] = set()
    named = []
    for frame in frames:
        names = (frame.name if number == 1 else f"{frame.name}_{number}" for number in count(1))
        # Some file systems take capitals and small letters as the same.
        name = next(name for name in names if name.casefold() not in taken)
        taken.add(name.casefold())
        named.append(replace(frame, name=name))
    return named


def check_mask_paths(frames: Sequence[SourceFrame], output: Path, *, overwrite: bool) -> None:
    """Refuse to write what is not below the folder of masks, or over a file that is not to be lost.

    Raises:
        InputError: with the first such file.
    """
    folder = absolute_path(output / "masks")
    originals = {path.resolve() for frame in frames for path in (frame.image, frame.mask_file) if path is not None}
    for frame in frames:
        path = mask_path(frame, output)
        if frame.read_mask is None:
            continue
        if folder not in absolute_path(path).parents:
            expected = f"a path below {folder}"
            raise InputError(
                "the mask would be written elsewhere", source=frame.image, found=str(path), expected=expected
            )
        if path.resolve() in originals:
            raise InputError("the source's own file would be overwritten", source=path, remedy="Choose another folder")
        if path.exists() and not overwrite:
            raise InputError("the mask is already there", source=path, remedy="Use --overwrite, or another folder")


def write_masks(frames: Sequence[SourceFrame], output: Path) -> None:
    """Write the masks of frames; earlier ones stay as they are unless all can be written.

    Raises:
        FaultsError: if frames or masks cannot be used; lists all of them.
    """
    output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output, prefix=".masks.") as temporary:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda frame: list(_write_mask(frame, Path(temporary))), frames)
            found = list(tqdm(results, "masks", len(frames), unit="frame", disable=None))
        faults = [fault for several in found for fault in several]
        if faults:
            raise FaultsError(f"{counted(len(faults), 'file')} cannot be used", faults)
        for frame in frames:
            if frame.read_mask is not None:
                mask_path(frame, output).parent.mkdir(parents=True, exist_ok=True)
                _mask_file(Path(temporary), frame).replace(mask_path(frame, output))


def _write_mask(frame: SourceFrame, folder: Path) -> Iterator[InputError]:
    size = None
    try:
        file = open_frames(frame.image)
        size = (file.rows, file.columns)
        _check_frame_index(frame, file.frames)
    except InputError as error:
        yield error
    if frame.read_mask is None:
        return
    try:
        mask = frame.read_mask()
    except InputError as error:
        yield error
        return
    if mask.shape == size:
        write_image(_mask_file(folder, frame), mask.astype(np.uint8) * 255)
    elif size is not None:
        expected = f"(rows, columns) of the image {frame.image.name}, {size}"
        source = frame.mask_file or frame.image
        yield InputError("the mask has another size", source=source, found=mask.shape, expected=expected)


def _check_frame_index(frame: SourceFrame, frames: int) -> None:
    index = frame.more.get("frame")
    if index is None and frames != 1:
        problem = f"the file holds {frames} frames, and nothing tells which one is meant"
        raise InputError(problem, source=frame.image, remedy="Store each frame as a file of its own")
    frame_index(frame.image, index, frames)


def _mask_file(folder: Path, frame: SourceFrame) -> Path:
    return folder / f"{frame.name}.png"
