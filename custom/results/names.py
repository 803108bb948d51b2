"""What results are called, without saying who the patient is."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from custom.data.dicom_file import is_dicom
from custom.files import file_sha256

DIGITS = 12
COCO_NAME = re.compile(r"coco(_\d+)?", re.IGNORECASE)  # whose JSON document is that of the whole run: `CocoDocument`


def result_name(source: str, path: str | Path, *, keep_identifiers: bool = False) -> str:
    """Name the results of an input file.

    Files of the catheter laboratory are often named after the patient, and so are their folders. Results of a DICOM
    file are therefore named `dicom_` and the first 12 digits of the file's SHA-256: the same file has the same name in
    every run, other files have others, and `sha256sum` tells which is which. Pictures and videos keep their names,
    but for one called `coco`, which gets digits.

    Args:
        source: the file's name, relative to the folder that was given.
        path: the file.
        keep_identifiers: keep the names of DICOM files, too.
    """
    if keep_identifiers or not is_dicom(Path(path)):
        name = readable_name(Path(source).as_posix())
        return _with_digits(name, os.fsencode(name)) if COCO_NAME.fullmatch(name) else name
    return f"dicom_{file_sha256(Path(path))[:DIGITS]}"


def readable_name(name: str) -> str:
    """Return the name of a file as text that can be written; where it is none, with digits that tell it from others."""
    raw = os.fsencode(name)
    readable = raw.decode("utf-8", "replace")
    return name if readable == name else _with_digits(readable, raw)


def _with_digits(name: str, raw: bytes) -> str:
    return f"{name}_{hashlib.sha256(raw).hexdigest()[:DIGITS]}"
