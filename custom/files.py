"""Files that are either old or new, never half written."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image

from custom.errors import InputError

QUICK_COMPRESSION = 2  # of PNG, 0 to 9: half the time of Pillow's own choice, for a sixth more bytes


class PendingFile:
    """A file that grows under a temporary name in the folder of its final path.

    Args:
        path: the final path; its folder is made where it is missing.

    Attributes:
        temporary: where to write meanwhile; it has the same suffix.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        name = f".{self.path.stem}.{secrets.token_hex(8)}{self.path.suffix}"
        self.temporary = self.path.with_name(name)
        # Not `tempfile`, whose files only their owner may read: to ask for the umask is to be without one for a moment.
        self.temporary.touch(exist_ok=False)

    def keep(self) -> None:
        """Move the file into place; it reaches the disk before, so that a crash leaves the old file or the new one."""
        with self.temporary.open("rb+") as file:
            os.fsync(file.fileno())
        self.temporary.replace(self.path)

    def discard(self) -> None:
        """Remove what was written, unless it is in place."""
        self.temporary.unlink(missing_ok=True)


class PendingStream(PendingFile):
    """A pending file that is open for writing.

    Args:
        path: the final path.
        mode: `w` or `wb`.
        newline: see `open`.

    Attributes:
        file: the open file.
    """

    def __init__(self, path: str | Path, mode: str = "w", *, newline: str | None = None) -> None:
        super().__init__(path)
        encoding = None if "b" in mode else "utf-8"
        self.file: IO[Any] = self.temporary.open(mode, encoding=encoding, newline=newline)

    def keep(self) -> None:
        """Close the file and move it into place."""
        self.file.close()
        super().keep()

    def discard(self) -> None:
        """Close and remove the file, unless it is in place."""
        with suppress(OSError):  # a full disk refuses what is still buffered
            self.file.close()
        super().discard()


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, its file is moved into place.

    Args:
        path: the final path; its folder is made where it is missing.

    Yields:
        A path with the same suffix in the same folder.

    Raises:
        OSError: as the block does; one that names no file, as of a full disk, then names `path`.
    """
    pending = PendingFile(path)
    try:
        yield pending.temporary
        pending.keep()
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise
    finally:
        pending.discard()


@contextmanager
def writing_into(folder: str | Path) -> Iterator[None]:
    """Turn what keeps a command from writing its files into an error for people.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", source=folder) from error


def write_text(path: str | Path, text: str) -> None:
    """Write text as a file in UTF-8, as a whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def absolute_path(path: Path) -> Path:
    """Return a path from the root on without `..`; links keep their names, as they would not with `Path.resolve`."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as `sha256sum` tells it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_image(path: str | Path, pixels: np.ndarray, *, optimize: bool = False) -> None:
    """Write (rows, columns) or (rows, columns, 3) uint8 pixels as an image, as a whole or not at all.

    Args:
        path: the final path; its suffix names the format.
        pixels: grey or RGB.
        optimize: search for the smallest PNG, slowly; without it PNG is compressed quickly.
    """
    with replacing(path) as temporary:
        Image.fromarray(pixels).save(temporary, optimize=optimize, compress_level=QUICK_COMPRESSION)
