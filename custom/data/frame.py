"""One X-ray frame, and what every file that holds frames can do."""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from custom.errors import CatheterError, InputError

SpacingPlane = Literal["detector", "isocentre"]

FINEST_SPACING_MM, COARSEST_SPACING_MM = 0.01, 10.0  # far beyond those of detectors and of frames made smaller
SPACING_REMEDY = "Give the right one: --pixel-spacing-mm with --spacing-plane, or pixel_spacing_mm in a datalist"
POSSIBLE_SPACINGS = f"positive millimetres, from {FINEST_SPACING_MM} to {COARSEST_SPACING_MM}"


@dataclass(frozen=True)
class Frame:
    """One frame as it is displayed: brighter means more X-rays reached the detector.

    Args:
        pixels: (rows, columns) float32.
        pixel_spacing_mm: row and column spacing as the file has it; `None` where it does not tell.
        spacing_plane: the plane in which the spacing holds: `detector`, or `isocentre` (at the patient).
        spacing_fault: why the file's spacing cannot be read; it matters only where no other spacing is given.
    """

    pixels: np.ndarray
    pixel_spacing_mm: tuple[float, float] | None = None
    spacing_plane: SpacingPlane | None = None
    spacing_fault: InputError | None = None


class FrameFile(ABC):
    """A file of frames whose header has been read.

    Attributes:
        path: where it is.
        frames: how many there should be.
        rows: of a frame.
        columns: of a frame.
    """

    path: Path
    frames: int
    rows: int
    columns: int

    @abstractmethod
    def read(self, index: int) -> Frame:
        """Decode one frame; its pixels are (rows, columns), or (rows, columns, 3) in a colour file."""

    def stream(self) -> Iterator[Frame]:
        """Decode the frames in order, one in memory at a time; a file that ends early raises after its last one."""
        for index in range(self.frames):
            yield self.read(index)


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Turn whatever opening and decoding raise on a broken or locked file into an error for people."""
    try:
        yield
    except (CatheterError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # decoders in Rust panic with an exception that is no Exception
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.ENAMETOOLONG):
            remedy = "Check its name, and the permissions of it and its folders"
            raise InputError(f"cannot be read ({error.strerror})", source=path, remedy=remedy) from error
        reason = "nested too deep" if isinstance(error, RecursionError) else " ".join(str(error).split())
        remedy = "Check that it is complete and opens in a viewer"
        raise InputError(f"cannot be decoded ({reason})", source=path, remedy=remedy) from error


def file_spacing(frame: Frame, *, source: str | Path) -> tuple[float, float] | None:
    """Return the spacing in mm that a frame's file gives; `None` where it gives none.

    Raises:
        InputError: where it cannot be read, or is impossible.
    """
    if frame.spacing_fault is not None:
        raise frame.spacing_fault
    return None if frame.pixel_spacing_mm is None else check_spacing(frame.pixel_spacing_mm, source=source)


def is_possible_spacing(value: float) -> bool:
    """Tell whether an X-ray detector can have pixels of this size in mm."""
    return FINEST_SPACING_MM <= value <= COARSEST_SPACING_MM


def check_spacing(spacing: tuple[float, float], *, source: str | Path) -> tuple[float, float]:
    """Return a spacing in mm that a file or an option gives.

    Raises:
        InputError: where no X-ray detector has such pixels, as when it is not in millimetres.
    """
    if not all(map(is_possible_spacing, spacing)):
        found = " x ".join(f"{value:g}" for value in spacing)
        raise InputError(
            "impossible pixel spacing",
            source=source,
            found=found,
            expected=POSSIBLE_SPACINGS,
            remedy=SPACING_REMEDY,
        )
    return spacing


def ends_early(path: Path, found: int, expected: int) -> InputError:
    """The error of a file that holds fewer frames than it says."""
    return InputError("the file ends early", source=path, found=f"{found} of {expected} frames")
