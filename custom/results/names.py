"""What results are called, without saying who the patient is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from custom.data.dicom_file import is_dicom

DIGITS = 12


def result_name(source: str, path: str | Path, *, keep_identifiers: bool = False) -> str:
    """Name the results of an input file.

    Files of the catheter laboratory are often named after the patient, and so are their folders. Results of a DICOM
    file are therefore named `dicom_` and the first 12 digits of the file's SHA-256: the same file has the same name in
    every run, other files have others, and `sha256sum` tells which is which. Pictures and videos keep their names.

    Args:
        source: the file's name, relative to the folder that was given.
        path: the file.
        keep_identifiers: keep the names of DICOM files, too.
    """
    if keep_identifiers or not is_dicom(Path(path)):
        return readable_name(Path(source).as_posix())
    with Path(path).open("rb") as file:
        return f"dicom_{hashlib.file_digest(file, 'sha256').hexdigest()[:DIGITS]}"


def readable_name(name: str) -> str:
    """Return the name of a file as text that can be written; where it is none, with digits that tell it from others."""
    raw = os.fsencode(name)
    readable = raw.decode("utf-8", "replace")
    return name if readable == name else f"{readable}_{hashlib.sha256(raw).hexdigest()[:DIGITS]}"
