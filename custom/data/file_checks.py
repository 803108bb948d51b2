"""What must hold between an entry and the files that it names."""

from __future__ import annotations

import numpy as np

from custom.data.checked_entry import CheckedEntry
from custom.data.frame import Frame, file_spacing
from custom.data.reader import read_frame, read_mask
from custom.errors import InputError

# Devices cover a few hundredths of a frame, and an inverted mask all but these.
MOST_FOREGROUND = 0.9


def check_files(checked: CheckedEntry) -> None:
    """Decode the frame and the mask of an entry and hold them against each other and the electrodes."""
    _check_frame(checked)
    _check_mask(checked)
    if checked.frame_size is not None:
        _check_electrodes(checked, *checked.frame_size)


def _check_frame(checked: CheckedEntry) -> None:
    try:
        frame = read_frame(checked.content["image"], checked.content.get("frame"))
    except InputError as error:
        checked.add_fault("image", _nested(error))
        return
    rows, columns = frame.pixels.shape
    checked.frame_size = (rows, columns)
    try:
        checked.spacing = _spacing(checked, frame)
    except InputError as error:
        checked.add_fault("image", _nested(error))
    if np.ptp(frame.pixels) == 0:
        checked.warnings.append(f"{checked.place}.image: every pixel is {frame.pixels[0, 0]:g}")


def _check_mask(checked: CheckedEntry) -> None:
    if checked.content["mask"] is None:
        return
    try:
        mask = read_mask(checked.content["mask"])
    except InputError as error:
        checked.add_fault("mask", _nested(error))
        return
    if checked.frame_size not in (None, mask.shape):
        expected = f"the image's (rows, columns) {checked.frame_size}"
        checked.add_fault("mask", "the mask has another size", found=mask.shape, expected=expected)
    if mask.mean() > MOST_FOREGROUND:
        checked.warnings.append(f"{checked.place}.mask: {mask.mean():.0%} of it is foreground; 0 is the background")


def _check_electrodes(checked: CheckedEntry, rows: int, columns: int) -> None:
    for index, electrode in enumerate(checked.content["electrodes"] or []):
        for axis, length in (("x", columns), ("y", rows)):
            if not -0.5 <= electrode[axis] <= length - 0.5:
                expected = f"-0.5 to {length - 0.5} in a frame of {rows} rows and {columns} columns"
                checked.add_fault(
                    f"electrodes[{index}].{axis}", "outside the frame", found=electrode[axis], expected=expected
                )


def _spacing(checked: CheckedEntry, frame: Frame) -> tuple[float, float, str] | None:
    if "pixel_spacing_mm" in checked.content:
        row, column = checked.content["pixel_spacing_mm"]
        return row, column, str(checked.content.get("spacing_plane"))
    spacing = file_spacing(frame, source=checked.content["image"])
    return None if spacing is None else (*spacing, str(frame.spacing_plane))


def _nested(error: InputError) -> str:
    return str(error).removesuffix(".")
