"""Files that are either old or new, never half written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, its file is moved into place.

    The file reaches the disk before the move, so that a crash leaves the old file or the new one.

    Args:
        path: the final path; its folder is made where it is missing.

    Yields:
        A path with the same suffix in the same folder.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}.", suffix=target.suffix)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_image(path: str | Path, pixels: np.ndarray, *, optimize: bool = False) -> None:
    """Write (rows, columns) or (rows, columns, 3) uint8 pixels as an image, as a whole or not at all.

    Args:
        path: the final path; its suffix names the format.
        pixels: grey or RGB.
        optimize: search for the smallest PNG, slowly.
    """
    with replacing(path) as temporary:
        Image.fromarray(pixels).save(temporary, optimize=optimize)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
