"""The formats that results are written in; a new one is a class and a line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.errors import InputError
from custom.given_names import given_names
from custom.results.coco import CocoDocument
from custom.results.format import ResultFormat
from custom.results.json_document import JsonDocument
from custom.results.motion import MotionTable
from custom.results.nifti import NiftiMask
from custom.results.pictures import MaskPicture, OverlayPicture
from custom.results.secondary_capture import SecondaryCapture
from custom.results.slicer import SlicerMarkups
from custom.results.structured_report import StructuredReport
from custom.results.tables import CsvTables
from custom.results.video import OverlayVideo

FORMATS: dict[str, type[ResultFormat]] = {
    "mask": MaskPicture,
    "overlay": OverlayPicture,
    "video": OverlayVideo,
    "json": JsonDocument,
    "csv": CsvTables,
    "motion": MotionTable,
    "coco": CocoDocument,
    "nifti": NiftiMask,
    "slicer": SlicerMarkups,
    "sr": StructuredReport,
    "secondary_capture": SecondaryCapture,
}


def create_formats(
    names: str | Sequence[str],
    folder: Path,
    *,
    keep_identifiers: bool = False,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[ResultFormat]:
    """Make the formats of a run.

    Args:
        names: keys of `FORMATS`; a string may hold several, with commas between them.
        folder: where the files go.
        keep_identifiers: see `ResultFormat`.
        options: further arguments of formats, by name.

    Raises:
        InputError: where there is no format of such a name.
    """
    wanted = given_names(names)
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        expected = f"some of {', '.join(FORMATS)}"
        raise InputError("unknown format", field="formats", found=", ".join(unknown), expected=expected)
    chosen = dict.fromkeys(wanted)
    return [
        FORMATS[name](folder, keep_identifiers=keep_identifiers, **(options or {}).get(name, {})) for name in chosen
    ]
