"""Files that belong together are found by their names, never by their order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from custom.data.frame_stream import SUFFIXES
from custom.errors import FaultsError, InputError


def stem_of(name: str) -> str:
    """Return a name without the suffix of its kind of file: `a` of `a.nii.gz`, all of `1.2.840.1`, which has none."""
    lower = name.lower()
    suffixes = [suffix for suffix in SUFFIXES if lower.endswith(suffix) and lower != suffix]
    return name[: len(name) - max(map(len, suffixes), default=0)]


def name_key(name: str) -> str | int:
    """Return what names are compared by: without suffix, and numbers as numbers (`0007.jpg` is `007.png`)."""
    stem = stem_of(Path(name.strip()).name)
    return int(stem) if stem.isdecimal() else stem


def files_by_name(folder: Path, suffixes: Iterable[str]) -> dict[str | int, Path]:
    """Find the files of a folder by their names; hidden ones are left out.

    Raises:
        InputError: if there is no such folder.
        FaultsError: if names of two files are the same number.
    """
    found: dict[str | int, Path] = {}
    faults = []
    for path in sorted(existing_folder(folder).iterdir()):
        if path.name.startswith(".") or not path.name.lower().endswith(tuple(suffixes)):
            continue
        other = found.setdefault(name_key(path.name), path)
        if other is not path:
            faults.append(InputError(f"the same name as {other.name}", source=path))
    if faults:
        raise FaultsError(f"{folder}: names occur twice", faults)
    return found


def sequence_of(folder: str, stem: str) -> str:
    """Return the sequence of a file: its folder, and the part of its name before the number."""
    prefix = re.sub(r"[\s_.-]*\d*$", "", stem)
    return f"{folder}/{prefix}" if prefix else folder


def existing_folder(folder: Path) -> Path:
    """Return a folder of a layout.

    Raises:
        InputError: if it is not there, or not even the one that it is in.
    """
    if not folder.parent.is_dir():
        raise InputError("there is no such folder", source=folder.parent)
    if not folder.is_dir():
        raise InputError("the layout has this folder, the source does not", source=folder)
    return folder
