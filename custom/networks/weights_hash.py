"""The SHA-256 of released weights, in a file beside them that `sha256sum --check` reads, too."""

from __future__ import annotations

import hashlib
from pathlib import Path

from custom.errors import InputError

SUFFIX = ".sha256"


def hash_line(weights: bytes, name: str) -> str:
    """Return the line that records the SHA-256 of a file's content under its name."""
    return f"{hashlib.sha256(weights).hexdigest()}  {name}\n"


def check_hash(path: str | Path) -> None:
    """Compare a file with the record beside it; a file without one is the user's own and passes.

    Raises:
        InputError: where they differ.
    """
    path = Path(path)
    record = path.with_suffix(SUFFIX)
    if not record.is_file():
        return
    found, recorded = hash_line(path.read_bytes(), path.name), record.read_text()
    if found.split()[0] != (recorded.split() or [""])[0].lower():
        raise InputError(
            "the weights are not those that were released with this bundle: their SHA-256 differs",
            source=path,
            found=found.split()[0],
            expected=f"{recorded.strip()} as in {record.name}",
            remedy=f"Unpack the bundle again, or remove {record.name} if you replaced the weights yourself",
        )


def forget_hash(path: str | Path) -> None:
    """Remove the record beside a file that is about to be replaced."""
    Path(path).with_suffix(SUFFIX).unlink(missing_ok=True)
