"""What makes runs comparable: their settings, and the content of the files that they name."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from custom.data.datalist import PATH_KEYS, SPLITS, read_datalist
from custom.errors import InputError
from custom.files import file_sha256

WEIGHTS_FILES = ("weights", "pretrained_weights")


def with_contents(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as JSON holds them, with the SHA-256 of the datalist, of weights, and of all images and masks.

    Args:
        values: by id; the path of the `datalist` is among them.

    Raises:
        InputError: an image or a mask cannot be read.
    """
    settings = dict(values)
    for name in ("datalist", *WEIGHTS_FILES):
        if settings.get(name) is not None:
            settings[name] = f"{settings[name]}, SHA-256 {file_sha256(Path(settings[name]))}"
    settings["images and masks"] = f"SHA-256 {_content_sha256(Path(values['datalist']))}"
    return json.loads(json.dumps(settings, default=str))


def refuse_other_settings(
    noted: Mapping[str, Any], wanted: Mapping[str, Any], *, compared: Collection[str], folder: Path
) -> None:
    """Refuse a folder whose run was made with other settings.

    Args:
        noted: in the folder, from `with_contents`.
        wanted: now, likewise.
        compared: settings that a run has to have noted.
        folder: of the run, for messages.

    Raises:
        InputError: names the first setting that was not noted, or that differs.
    """
    unnoted = [name for name in compared if name in wanted and name not in noted]
    if unnoted:
        raise InputError(
            "the folder holds a run that did not note this setting, and results are not mixed",
            source=folder,
            field=unnoted[0],
            remedy="It was made before the setting was compared, or with other files: name another folder with "
            "--output",
        )
    for name in {**noted, **wanted}:
        if noted.get(name) != wanted.get(name):
            raise InputError(
                "the folder holds a run with other settings, and results are not mixed",
                source=folder,
                field=name,
                found=noted.get(name, "nothing"),
                expected=str(wanted.get(name, "nothing")),
                remedy="Name another folder with --output, or give the settings that it was started with",
            )


def _content_sha256(datalist: Path) -> str:
    """Of all images and masks that a datalist names, in the order of their paths."""
    entries = [entry for split in SPLITS for entry in read_datalist(datalist).split(split)]
    files = sorted({entry[key] for entry in entries for key in PATH_KEYS if entry.get(key) is not None})
    return sha256("".join(map(_file_sha256, files)).encode()).hexdigest()


def _file_sha256(path: str) -> str:
    try:
        status = Path(path).stat()
        return _version_sha256(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", source=path) from error


@cache  # runs of a comparison share their files; size and time tell those that changed since
def _version_sha256(path: str, size: int, modified_ns: int) -> str:
    return file_sha256(Path(path))
