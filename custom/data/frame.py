"""One X-ray frame, and what every file that holds frames can do."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Frame:
    """One frame as it is displayed: brighter means more X-rays reached the detector.

    Args:
        pixels: (rows, columns) float32.
        pixel_spacing_mm: row and column spacing as the file has it; `None` where it does not tell.
        spacing_plane: the plane in which the spacing holds: `detector`, or `isocentre` (at the patient).
    """

    pixels: np.ndarray
    pixel_spacing_mm: tuple[float, float] | None = None
    spacing_plane: SpacingPlane | None = None


class FrameFile(ABC):
    """A file of frames whose header has been read.

    Attributes:
        frames: how many there should be.
        rows: of a frame.
        columns: of a frame.
    """

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
    """Turn whatever a decoder raises on a broken file into an error for people."""
    try:
        yield
    except (CatheterError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # decoders in Rust panic with an exception that is no Exception
        reason = "nested too deep" if isinstance(error, RecursionError) else " ".join(str(error).split())
        remedy = "Check that it is complete and opens in a viewer"
        raise InputError(f"cannot be decoded ({reason})", source=path, remedy=remedy) from error


def check_spacing(spacing: tuple[float, float], *, source: str | Path) -> tuple[float, float]:
    """Return a spacing in mm that a file or an option gives.

    Raises:
        InputError: where no X-ray detector has such pixels, as when it is not in millimetres.
    """
    if not all(FINEST_SPACING_MM <= value <= COARSEST_SPACING_MM for value in spacing):
        remedy = "Give the right one: --pixel-spacing-mm with --spacing-plane, or pixel_spacing_mm in a datalist"
        found = " x ".join(f"{value:g}" for value in spacing)
        raise InputError(
            "impossible pixel spacing",
            source=source,
            found=found,
            expected=f"positive millimetres, from {FINEST_SPACING_MM} to {COARSEST_SPACING_MM}",
            remedy=remedy,
        )
    return spacing


def ends_early(path: Path, found: int, expected: int) -> InputError:
    """The error of a file that holds fewer frames than it says."""
    return InputError("the file ends early", source=path, found=f"{found} of {expected} frames")
