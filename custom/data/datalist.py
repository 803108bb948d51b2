"""Datalists: which frames there are, what is annotated on them, and which split they belong to."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from custom.data.datalist_fields import DATALIST, SPLITS
from custom.data.field_checks import object_faults
from custom.errors import InputError, faults_in
from custom.files import absolute_path, write_text
from custom.tasks import DETECTION, SEGMENTATION, TASKS

Entry = dict[str, Any]
DATALIST_FILE = "datalist.json"  # its name in the folders that commands write
PATH_KEYS = ("image", "mask")
BOX_KEYS = ("x", "y", "width", "height")
LABEL_KEYS = {DETECTION: "electrodes", SEGMENTATION: "mask"}


@dataclass(frozen=True)
class Datalist:
    """The entries of each split, as `docs/datalist.md` describes them, with absolute paths."""

    training: list[Entry]
    validation: list[Entry]
    test: list[Entry]

    def split(self, name: str) -> list[Entry]:
        """Return the entries of one split.

        Raises:
            InputError: if there is no such split.
        """
        if name not in SPLITS:
            raise InputError("unknown split", field="split", found=name, expected=" or ".join(SPLITS))
        entries: list[Entry] = getattr(self, name)
        return entries


def read_datalist(path: str | Path) -> Datalist:
    """Read a datalist whose every field has the right type; files that it names are not opened.

    Args:
        path: the JSON file. Relative paths in it start at its folder.

    Raises:
        InputError: if the file is missing or not JSON.
        FaultsError: if fields are missing or have a wrong type or range; lists all of them.
    """
    document = read_json(path)
    faults = list(object_faults(document, DATALIST, "", path))
    if faults:
        raise faults_in(path, faults)
    folder = Path(path).parent.resolve()
    return Datalist(**{name: [absolute(entry, folder) for entry in document.get(name, [])] for name in SPLITS})


def datalist_section(path: str | Path | None, split: str, *, tasks: Sequence[str] = TASKS) -> list[Entry]:
    """Read one split for a MONAI dataset.

    Args:
        path: the datalist.
        split: `training`, `validation` or `test`.
        tasks: whose labels are read; those of other tasks count as not annotated.

    Returns:
        Its entries with absolute paths.

    Raises:
        InputError: if there is no datalist, or the split is unknown or has no entries.
        FaultsError: as `read_datalist`.
    """
    if path is None:
        raise InputError("no data set was given", field="datalist", remedy="Name its datalist with --datalist")
    entries = read_datalist(path).split(split)
    if not entries:
        raise InputError("the split has no entries", source=path, field=split)
    left_out = {LABEL_KEYS[task]: None for task in TASKS if task not in tasks}
    return [{**entry, **left_out} for entry in entries]


def write_datalist(path: str | Path, splits: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write a datalist, one entry a line, with paths relative to it.

    Args:
        path: the JSON file; its folder is made where it is missing.
        splits: entries of each split. Paths are absolute, or relative to the file's folder.

    Raises:
        InputError: if a split is unknown.
        ValueError: if a number is not finite.
    """
    unknown = [name for name in splits if name not in SPLITS]
    if unknown:
        raise InputError("unknown split", source=path, found=unknown[0], expected=" or ".join(SPLITS))
    folder = Path(path).absolute().parent
    lists = [f"{json.dumps(name)}: [{_lines(splits.get(name, []), folder)}]" for name in SPLITS]
    write_text(path, "{\n" + ",\n".join(lists) + "\n}\n")


def read_json(path: str | Path) -> Any:
    """Parse a JSON file.

    Raises:
        InputError: if it is missing, empty or not JSON, or has a key twice in an object, of which JSON keeps the last.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except IsADirectoryError as error:
        inside = min(Path(path).glob("*.json"), default=None)
        remedy = None if inside is None else f"Name one in it, such as {inside}"
        raise InputError("is a folder, not a JSON file", source=path, remedy=remedy) from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", source=path) from error
    except UnicodeDecodeError as error:
        raise InputError("is not a JSON text file", source=path) from error
    if not text.strip():
        raise InputError("the file is empty", source=path)
    try:
        return json.loads(text, object_pairs_hook=partial(_object, path))
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON ({error.msg})", source=path, field=f"line {error.lineno}") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or as many brackets
        raise InputError(f"cannot be read ({error})", source=path) from error


def _object(path: str | Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        (key, count), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise InputError("the key stands more than once in an object", source=path, field=key, found=f"{count} times")
    return content


def relative_path(path: Path, folder: Path) -> str:
    """Return the path of a file from a folder on; links keep their names where `..` beside them leads to the file."""
    real, file = folder.resolve(), path.resolve()
    candidates = (os.path.relpath(path, start) for start in (folder, real))
    relative = next((found for found in candidates if (real / found).resolve() == file), os.path.relpath(file, real))
    return Path(relative).as_posix()


def absolute(entry: Mapping[str, Any], folder: Path) -> Entry:
    """Copy an entry with its paths made absolute, starting at `folder`, itself no link; other links are kept."""
    paths = {key: str(absolute_path(folder / entry[key])) for key in PATH_KEYS if entry[key] is not None}
    return {**entry, **paths}


def _lines(entries: Sequence[Mapping[str, Any]], folder: Path) -> str:
    return ",".join("\n  " + json.dumps(_relative(entry, folder), allow_nan=False) for entry in entries)


def _relative(entry: Mapping[str, Any], folder: Path) -> Entry:
    paths = {key: entry[key] for key in PATH_KEYS if entry.get(key) is not None}
    return {**entry, **{key: relative_path(folder / path, folder) for key, path in paths.items()}}
