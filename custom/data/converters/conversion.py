"""What every converter gives back, and how that becomes a datalist."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from custom.data.datalist import SPLITS, Entry, write_datalist
from custom.data.reader import read_size
from custom.data.splits import split_cases
from custom.errors import FaultsError, InputError
from custom.files import write_image

DEFAULT_SHARE = 0.15


@dataclass(frozen=True)
class SourceFrame:
    """One frame of another layout.

    Args:
        name: its name in the source, unique there; the mask is written under it.
        image: its file.
        case: patient or procedure; the frame's own name where the layout tells none.
        read_mask: gives the mask, (rows, columns) bool; `None` where none is annotated.
        mask_file: the file that it comes from, where the layout has one that a new mask could be written over.
        electrodes: as in a datalist; `None` where none are annotated.
        split: the split that the layout itself puts it into; `None` where it has none.
        more: further fields of its entry.
    """

    name: str
    image: Path
    case: str
    read_mask: Callable[[], np.ndarray] | None = None
    mask_file: Path | None = None
    electrodes: list[dict[str, Any]] | None = None
    split: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conversion:
    """The frames of a source, and what its user should know about them."""

    frames: list[SourceFrame]
    remarks: list[str] = field(default_factory=list)


def write_conversion(
    conversion: Conversion, output: Path, *, validation: float | None, test: float | None, seed: int
) -> dict[str, int]:
    """Write masks and `datalist.json`; images stay where they are.

    Args:
        conversion: what a converter gave back.
        output: the folder.
        validation: share of frames for validation. `None` for both shares keeps the layout's own splits where every
            frame has one.
        test: share of frames for the test split.
        seed: of the choice of cases.

    Returns:
        How many frames each split has.

    Raises:
        InputError: if there are no frames, the output is the source, the layout's own splits divide cases, or the
            shares cannot be had.
        FaultsError: if masks are broken or have another size than their images; then no datalist is written.
    """
    frames = conversion.frames
    if not frames:
        raise InputError("the source has no frames")
    _check_output(frames, output)
    splits = _splits(frames, validation, test, seed)
    _write_masks(frames, output)
    entries: dict[str, list[Entry]] = {name: [] for name in SPLITS}
    for frame, split in zip(frames, splits, strict=True):
        entries[split].append(_entry(frame, output))
    write_datalist(output / "datalist.json", entries)
    return {name: len(found) for name, found in entries.items()}


def _check_output(frames: Sequence[SourceFrame], output: Path) -> None:
    for frame in frames:
        if frame.mask_file is not None and _mask_path(frame, output).resolve() == frame.mask_file.resolve():
            remedy = "Choose another folder"
            raise InputError("the source's own mask would be overwritten", source=frame.mask_file, remedy=remedy)


def _splits(frames: Sequence[SourceFrame], validation: float | None, test: float | None, seed: int) -> list[str]:
    own = [frame.split for frame in frames if frame.split is not None]
    if validation is None and test is None and len(own) == len(frames):
        _check_cases(frames)
        return own
    by_case = split_cases(
        [frame.case for frame in frames],
        validation=DEFAULT_SHARE if validation is None else validation,
        test=DEFAULT_SHARE if test is None else test,
        seed=seed,
    )
    return [by_case[frame.case] for frame in frames]


def _check_cases(frames: Sequence[SourceFrame]) -> None:
    splits: dict[str, str | None] = {}
    for frame in frames:
        if splits.setdefault(frame.case, frame.split) != frame.split:
            remedy = "Use --validation and --test to split by case"
            raise InputError("the layout's own splits divide cases", found=frame.case, remedy=remedy)


def _write_masks(frames: Sequence[SourceFrame], output: Path) -> None:
    masked = [frame for frame in frames if frame.read_mask is not None]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda frame: _write_mask(frame, output), masked)
        faults = [fault for fault in tqdm(results, "masks", len(masked), unit="mask", disable=None) if fault]
    if faults:
        raise FaultsError(f"{len(faults)} mask(s) cannot be used", faults)


def _write_mask(frame: SourceFrame, output: Path) -> InputError | None:
    assert frame.read_mask is not None
    try:
        mask = frame.read_mask()
        size = read_size(frame.image)
    except InputError as error:
        return error
    if mask.shape != size:
        expected = f"the image's (rows, columns) {size}"
        return InputError("the mask has another size", source=frame.image, found=mask.shape, expected=expected)
    write_image(_mask_path(frame, output), mask.astype(np.uint8) * 255)
    return None


def _mask_path(frame: SourceFrame, output: Path) -> Path:
    return output / "masks" / f"{frame.name}.png"


def _entry(frame: SourceFrame, output: Path) -> Entry:
    return {
        "image": str(frame.image.absolute()),
        "mask": str(_mask_path(frame, output).absolute()) if frame.read_mask else None,
        "electrodes": frame.electrodes,
        "case": frame.case,
        **frame.more,
    }
