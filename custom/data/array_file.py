"""NPY and NIfTI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from custom.data.frame import Frame, FrameFile
from custom.errors import InputError


class NumpyFile(FrameFile):
    """An NPY file of one frame, (rows, columns); axes of length one beside them are dropped."""

    frames = 1

    def __init__(self, path: Path) -> None:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        _check_numbers(path, array.dtype)
        self.path = path
        self._array = array.squeeze() if array.ndim > 2 else array
        if self._array.ndim != 2:
            raise InputError("wrong shape", source=path, found=array.shape, expected="(rows, columns)")
        self.rows, self.columns = self._array.shape

    def read(self, index: int) -> Frame:
        """Load the frame."""
        return Frame(_as_float32(self.path, self._array))


class NiftiFile(FrameFile):
    """A NIfTI file, (x, y) or (x, y, frames) as MONAI and MONAI Label write it: x is the column."""

    def __init__(self, path: Path) -> None:
        # Kept open, a compressed file is unpacked once, not from its start for every frame.
        self._data: Any = nibabel.load(path, keep_file_open=True).dataobj
        _check_numbers(path, self._data.dtype)
        self.path = path
        shape = self._data.shape
        beyond = [length for length in shape[2:] if length != 1]
        if len(shape) < 2 or len(beyond) > 1:
            raise InputError("wrong shape", source=path, found=shape, expected="(x, y) or (x, y, frames)")
        self.columns, self.rows = shape[:2]
        self.frames = beyond[0] if beyond else 1

    def read(self, index: int) -> Frame:
        """Load one frame, transposed to (rows, columns)."""
        indices = tuple(index if length != 1 else 0 for length in self._data.shape[2:])
        return Frame(_as_float32(self.path, np.asarray(self._data[(slice(None), slice(None), *indices)])).T)


def _as_float32(path: Path, array: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        converted = array.astype(np.float32)
    too_large = np.isfinite(array) & np.isinf(converted)
    if too_large.any():
        found = f"{array[too_large][0]:g}"
        largest = f"numbers to {np.finfo(np.float32).max:g}"
        raise InputError("holds numbers that are too large for float32", source=path, found=found, expected=largest)
    return converted


def _check_numbers(path: Path, dtype: np.dtype) -> None:
    if dtype.kind not in "buif":
        raise InputError("wrong data type", source=path, found=str(dtype), expected="one real number a pixel")
