"""Read one frame, all frames in order, or one mask, of any file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from custom.data.array_file import NiftiFile, NumpyFile
from custom.data.dicom_file import DicomFile, is_dicom
from custom.data.frame import Frame, FrameFile, decoding
from custom.data.image_file import ImageFile
from custom.data.video_file import SUFFIXES as VIDEO_SUFFIXES
from custom.data.video_file import VideoFile
from custom.errors import InputError

MAX_SIDE = 16384
MAX_PIXELS = 2**26
MAX_FRAMES = 100_000
# Grey that was stored as a colour JPEG comes back a level or two apart.
GREY_TOLERANCE = 2.0


def read_frame(path: str | Path, frame: int | None = None) -> Frame:
    """Read one frame of a PNG, JPEG, BMP, TIFF, NPY, NIfTI, DICOM, MP4 or AVI file.

    Args:
        path: the file.
        frame: index of the frame, from 0. May be left out if the file holds only one.

    Raises:
        InputError: if the file is missing, broken, in colour, too large or holds values that are not finite, or if
            `frame` is missing or beyond its end.
    """
    path = Path(path)
    return _checked(path, _read(path, frame))


def stream_frames(source: str | Path | FrameFile) -> Iterator[Frame]:
    """Read every frame of a file in order: each is decoded once, and one is in memory at a time.

    Args:
        source: a file as for `read_frame`, or one that `open_frames` opened.

    Raises:
        InputError: as `read_frame`; where a file ends early, or a frame in it is broken, after the frames before it.
    """
    file = source if isinstance(source, FrameFile) else open_frames(source)
    path = file.path
    frames = file.stream()
    for index in range(file.frames):
        with decoding(path):
            frame = next(frames)
        if frame.pixels.shape[:2] != (file.rows, file.columns):
            found, expected = frame.pixels.shape[:2], f"that of the first frame, {(file.rows, file.columns)}"
            raise InputError("another size", source=path, field=f"frame {index}", found=found, expected=expected)
        yield _checked(path, frame)


def read_mask(path: str | Path) -> np.ndarray:
    """Read a mask: a file as for `read_frame` with two values, of which 0 is background.

    Returns:
        (rows, columns) bool, true on catheters and wires.

    Raises:
        InputError: as `read_frame`, or if the mask has several channels or more values.
    """
    path = Path(path)
    pixels = _read(path, None, labels=True).pixels
    if pixels.ndim != 2:
        raise InputError("a mask needs one channel", source=path, found=f"{pixels.shape[-1]} channels")
    foreground = pixels != 0
    if foreground.any() and np.ptp(pixels[foreground]) != 0:
        values = np.unique(pixels)
        shown = ", ".join(f"{value:g}" for value in values[:5]) + (", ..." if len(values) > 5 else "")
        raise InputError(
            "a mask needs two values",
            source=path,
            found=shown,
            expected="0 and one other value",
            remedy="Store masks without loss, for example as PNG",
        )
    return foreground


def read_labels(path: str | Path) -> np.ndarray:
    """Read whatever values a mask of another tool holds.

    Returns:
        (rows, columns) float32; of several channels, the highest.

    Raises:
        InputError: if the file is missing or broken, or holds values that are not finite or tell no labels.
    """
    path = Path(path)
    pixels = _read(path, None, labels=True).pixels
    _check_finite(path, pixels)
    return pixels if pixels.ndim == 2 else pixels.max(axis=-1)


def open_frames(path: str | Path) -> FrameFile:
    """Open a file as for `read_frame` and read its header alone.

    Raises:
        InputError: if the file is missing, broken or of an unknown kind.
    """
    path = Path(path)
    with decoding(path):
        return _open(path)


def read_size(path: str | Path) -> tuple[int, int]:
    """Read the rows and columns of a file's frames; see `open_frames`."""
    file = open_frames(path)
    return file.rows, file.columns


def _read(path: Path, frame: int | None, *, labels: bool = False) -> Frame:
    with decoding(path):
        file = _open(path, labels=labels)
        if labels and file.frames != 1:
            remedy = "Store the mask of each frame as a file of its own"
            raise InputError("a mask is one frame", source=path, found=f"{file.frames} frames", remedy=remedy)
        return file.read(frame_index(path, frame, file.frames))


def _open(path: Path, *, labels: bool = False) -> FrameFile:
    file = _file_of_its_kind(path, labels=labels)
    _check_size(path, file)
    return file


def _file_of_its_kind(path: Path, *, labels: bool) -> FrameFile:
    if path.is_dir():
        os.scandir(path).close()  # a folder among the files of a stream is one that cannot be listed: say why
        raise InputError("is a folder, not a file", source=path)
    if not path.is_file():
        if path.is_symlink():
            raise InputError("is a link to what is no file", source=path, found=str(path.readlink()))
        raise InputError("there is no such file", source=path)
    if path.stat().st_size == 0:
        raise InputError("the file is empty", source=path)
    name = path.name.lower()
    if name.endswith(".npy"):
        return NumpyFile(path)
    if name.endswith((".nii", ".nii.gz")):
        return NiftiFile(path)
    if name.endswith(VIDEO_SUFFIXES):
        return VideoFile(path)
    if is_dicom(path):
        return DicomFile(path)
    return ImageFile(path, labels=labels)


def _check_size(path: Path, file: FrameFile) -> None:
    sides_fit = 1 <= file.rows <= MAX_SIDE and 1 <= file.columns <= MAX_SIDE
    if not sides_fit or file.rows * file.columns > MAX_PIXELS:
        found = f"{file.rows} x {file.columns} pixels"
        expected = f"1 to {MAX_SIDE} pixels a side, at most {MAX_PIXELS} in all"
        raise InputError("wrong size", source=path, found=found, expected=expected)
    if not 1 <= file.frames <= MAX_FRAMES:
        raise InputError("wrong number of frames", source=path, found=file.frames, expected=f"1 to {MAX_FRAMES}")


def frame_index(path: Path, frame: int | None, frames: int) -> int:
    """Return the frame that is meant in a file of so many: the only one where none is named.

    Raises:
        InputError: if there is no such frame, none is named of several, or what is named is no integer, as MONAI
            Label's requests may have it.
    """
    if frame is None and frames != 1:
        raise InputError(f"the file holds {frames} frames, say which", source=path, field="frame")
    if frame is not None and type(frame) is not int:
        raise InputError("no index of a frame", source=path, field="frame", found=frame, expected="an integer, from 0")
    index = frame or 0
    if not 0 <= index < frames:
        expected = f"0 to {frames - 1}" if frames > 1 else "0, it holds one frame"
        raise InputError("there is no such frame", source=path, field="frame", found=index, expected=expected)
    return index


def _checked(path: Path, frame: Frame) -> Frame:
    pixels = _grey(path, frame.pixels)
    _check_finite(path, pixels)
    return replace(frame, pixels=np.ascontiguousarray(pixels))


def _check_finite(path: Path, pixels: np.ndarray) -> None:
    if not np.isfinite(pixels).all():
        count = int((~np.isfinite(pixels)).sum())
        raise InputError("holds pixels that are not finite numbers", source=path, found=f"{count} of {pixels.size}")


def _grey(path: Path, pixels: np.ndarray) -> np.ndarray:
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[-1] != 3 or np.ptp(pixels, axis=-1).max() > GREY_TOLERANCE:
        raise InputError("is a colour image", source=path, expected="grey, or equal colour channels")
    return pixels.mean(axis=-1)
