"""Zip archives that depend on nothing but what is in them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from custom.files import replacing

OLDEST_DATE = (1980, 1, 1, 0, 0, 0)
READABLE_FILE = 0o100644 << 16


def write_archive(path: str | Path, files: Mapping[str, bytes]) -> None:
    """Write a zip archive, as a whole or not at all; the same files give the same bytes, in whatever order they come.

    Args:
        path: the archive.
        files: contents by name inside the archive.
    """
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, OLDEST_DATE)
            entry.create_system = 3  # Unix, wherever it is written
            entry.external_attr = READABLE_FILE
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
