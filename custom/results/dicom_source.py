"""What a DICOM result takes over from the DICOM file that it is about."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.valuerep import DA, TM

from custom.data.dicom_file import is_dicom
from custom.data.frame import decoding
from custom.errors import InputError
from custom.postprocessing.result import FrameResult

MANUFACTURER = "catheter-bundle"
SERIES_NUMBER = 9000  # far from those of the modality
UNICODE = "ISO_IR 192"
REFERENCE = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
IDENTITY = {
    "PatientName": "patient_name",
    "PatientID": "patient_id",
    "PatientBirthDate": "patient_birth_date",
    "PatientSex": "patient_sex",
    "AccessionNumber": "accession_number",
    "StudyID": "study_id",
    "StudyDate": "study_date",
    "StudyTime": "study_time",
    "ReferringPhysicianName": "referring_physician_name",
}
DATE = re.compile(r"\d{8}", re.ASCII)
SHORT_STRING, LONG_STRING = 16, 64  # characters of the value representations SH and LO


def _is_date(value: str) -> bool:
    return DATE.fullmatch(value) is not None and DA(value) is not None


VALID: dict[str, Callable[[str], bool]] = {  # raises a ValueError or returns False
    "PatientID": lambda value: len(value) <= LONG_STRING,
    "PatientSex": lambda value: value in ("M", "F", "O"),
    "PatientBirthDate": _is_date,
    "AccessionNumber": lambda value: len(value) <= SHORT_STRING,
    "StudyID": lambda value: len(value) <= SHORT_STRING,
    "StudyDate": _is_date,
    "StudyTime": lambda value: TM(value) is not None,
}


def read_source(first: FrameResult, *, keep_identifiers: bool) -> Dataset:
    """Read the header of the file that results are about.

    Args:
        first: its first frame.
        keep_identifiers: keep everything; otherwise only the UIDs that a reference consists of are left.

    Raises:
        InputError: if the file is not DICOM, or lacks a UID.
    """
    if not is_dicom(Path(first.path)):
        raise InputError(
            "the formats sr and secondary_capture need a DICOM input",
            source=first.path,
            remedy="Leave them out for other files",
        )
    header = dcmread(first.path, stop_before_pixels=True)
    missing = [keyword for keyword in REFERENCE if not header.get(keyword)]
    if missing:
        raise InputError(
            "a DICOM result cannot refer to the file without it",
            source=first.path,
            field=", ".join(missing),
            remedy="Leave the formats sr and secondary_capture out, or export the file anew with its UIDs",
        )
    if keep_identifiers:
        with decoding(Path(first.path)):
            _decode_text(header)
    source = header if keep_identifiers else _without_identifiers(header)
    for keyword in IDENTITY:
        if not _is_valid(source, keyword):
            logging.getLogger("catheter.infer").warning(
                f"{first.path}: {keyword} is not what DICOM allows and is left out of DICOM results"
            )
            setattr(source, keyword, "")
        elif keyword not in source:
            setattr(source, keyword, "")
    return source


def _is_valid(source: Dataset, keyword: str) -> bool:
    """Whether a value is one that the new file may have; those of other systems often are not."""
    try:
        value = str(source.get(keyword) or "")
        return not value or keyword not in VALID or VALID[keyword](value)
    except ValueError:
        return False


def identity(source: Dataset) -> dict[str, Any]:
    """Return the patient and study of a source as the arguments of a `highdicom` object."""
    return {argument: source.get(keyword) or None for keyword, argument in IDENTITY.items()}


def _decode_text(header: Dataset) -> None:
    """Decode the text of a header; results hold it in the one character set that has every letter."""
    for tag in list(header.keys()):
        try:
            header[tag]
        except Exception:  # whatever pydicom raises on a broken element, at which decoding would stop
            header.pop(tag)
    header.decode()
    header.SpecificCharacterSet = UNICODE


def _without_identifiers(header: Dataset) -> Dataset:
    source = Dataset()
    for keyword in REFERENCE:
        setattr(source, keyword, header[keyword].value)
    source.PatientIdentityRemoved = "YES"
    source.DeidentificationMethod = "Only UIDs were kept"
    for keyword in ("Modality", "BurnedInAnnotation"):
        if keyword in header:
            setattr(source, keyword, header[keyword].value)
    return source
