"""One X-ray frame, and what every file that holds frames can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from custom.errors import CatheterError, InputError

SpacingPlane = Literal["detector", "isocentre"]


@dataclass(frozen=True)
class Frame:
    """One frame as it is displayed: brighter means more X-rays reached the detector.

    Args:
        pixels: (rows, columns) float32.
        pixel_spacing_mm: row and column spacing; `None` where the file does not tell.
        spacing_plane: the plane in which the spacing holds: `detector`, or `isocentre` (at the patient).
    """

    pixels: np.ndarray
    pixel_spacing_mm: tuple[float, float] | None = None
    spacing_plane: SpacingPlane | None = None


class FrameFile(Protocol):
    """A file of frames whose header has been read."""

    frames: int
    rows: int
    columns: int

    def read(self, index: int) -> Frame:
        """Decode one frame; its pixels are (rows, columns), or (rows, columns, 3) in a colour file."""


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises on a broken file into an error for people."""
    try:
        yield
    except (CatheterError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # decoders in Rust panic with an exception that is no Exception
        reason = " ".join(str(error).split())
        remedy = "Check that it is complete and opens in a viewer"
        raise InputError(f"cannot be decoded ({reason})", source=path, remedy=remedy) from error
