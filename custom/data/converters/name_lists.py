"""Lists of names, such as `imagesets/train.txt`, that put frames into sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from custom.data.converters.names import existing_folder, name_key
from custom.errors import CatheterError, InputError


class ListedName(NamedTuple):
    """A name of a list whose files are all there, as `name_key` has it, and its split."""

    key: str | int
    split: str


def listed_names(
    folder: Path,
    sets: Mapping[str, str],
    files: Mapping[str, Mapping[str | int, Path]],
    faults: list[CatheterError],
) -> Iterator[ListedName]:
    """Read the lists of a folder.

    Args:
        folder: where the lists are.
        sets: name of each list, without suffix, and its split. Not every list has to be there, one has.
        files: of each kind, such as image and mask, the files by name; a listed name needs all.
        faults: receives what is wrong, with its line.

    Raises:
        InputError: if there is no such folder or no list in it.
    """
    paths = [existing_folder(folder) / f"{name}.txt" for name in sets if (folder / f"{name}.txt").is_file()]
    if not paths:
        raise InputError("there is no list in the folder", source=folder, expected=f"{' or '.join(sets)}.txt")
    first: dict[str | int, str] = {}
    for path in paths:
        for line, name in _lines(path):
            place = f"{path.name} line {line}"
            key = name_key(name)
            problem = _problem(key, files, first)
            if problem is None:
                first[key] = place
                yield ListedName(key, sets[path.stem])
            else:
                faults.append(InputError(problem, source=path, field=f"line {line}", found=name))


def _problem(
    key: str | int, files: Mapping[str, Mapping[str | int, Path]], first: Mapping[str | int, str]
) -> str | None:
    if key in first:
        return f"the name stands in {first[key]} too"
    missing = [kind for kind, by_name in files.items() if key not in by_name]
    return f"there is no {' and no '.join(missing)} of this name" if missing else None


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the list of names cannot be read ({error})", source=path) from error
    return [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
