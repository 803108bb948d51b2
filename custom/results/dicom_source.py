"""What a DICOM result takes over from the DICOM file that it is about."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.uid import UID

from custom.data.dicom_file import is_dicom
from custom.data.frame import decoding
from custom.errors import InputError
from custom.postprocessing.result import FrameResult
from custom.results.dicom_values import ENUMERATED, is_allowed

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
# Who, when and in which study; patient, trial, request and visit.
TAKEN_OVER = (0x0008, 0x0010, 0x0012, 0x0020, 0x0032, 0x0038)


def read_source(first: FrameResult, *, keep_identifiers: bool) -> Dataset:
    """Read the header of the file that results are about.

    Args:
        first: its first frame.
        keep_identifiers: keep everything; otherwise only the UIDs that a reference consists of are left.

    Raises:
        InputError: if the file is not DICOM, lacks a UID, or is of a class that results cannot refer to.
    """
    if not is_dicom(Path(first.path)):
        raise InputError(
            "the formats sr and secondary_capture need a DICOM input",
            source=first.path,
            remedy="Leave them out for other files",
        )
    header = dcmread(first.path, stop_before_pixels=True)
    _check_reference(header, first.path)
    if keep_identifiers:
        with decoding(Path(first.path)):
            _decode_text(header)
    source = header if keep_identifiers else _without_identifiers(header)
    _leave_out_what_is_not_allowed(source, first.path)
    for keyword in IDENTITY:
        if keyword not in source:
            setattr(source, keyword, "")
    _name_deidentification(source)
    return source


def _check_reference(header: Dataset, path: str) -> None:
    missing = [keyword for keyword in REFERENCE if not header.get(keyword)]
    if missing:
        raise InputError(
            "a DICOM result cannot refer to the file without it",
            source=path,
            field=", ".join(missing),
            remedy="Leave the formats sr and secondary_capture out, or export the file anew with its UIDs",
        )
    for keyword in REFERENCE:
        if not is_allowed(header[keyword]):
            raise InputError(
                "a DICOM result cannot refer to the file by what is no UID",
                source=path,
                field=keyword,
                found=header[keyword].value,
                expected="one UID of at most 64 digits and points, without zeros in front",
                remedy="Leave the formats sr and secondary_capture out, or export the file anew",
            )
    kind = UID(header.SOPClassUID)
    if kind.is_retired or kind.name == kind:  # a private one has no name
        raise InputError(
            "a DICOM result cannot refer to files of this class",
            source=path,
            field="SOPClassUID",
            found=kind if kind.name == kind else f"{kind.name} ({kind})",
            expected="one of the present standard, such as X-Ray Angiographic Image Storage",
            remedy="Leave the formats sr and secondary_capture out, or export the file as another class",
        )


def _name_deidentification(source: Dataset) -> None:
    """Give files that were made anonymous without saying how, as many are, the answer that DICOM demands."""
    named = source.get("DeidentificationMethod") or source.get("DeidentificationMethodCodeSequence")
    if source.get("PatientIdentityRemoved") == "YES" and not named:
        source.DeidentificationMethod = "Not stated by the source"


def _leave_out_what_is_not_allowed(source: Dataset, path: str) -> None:
    for element in source:
        taken_over = element.tag.group in TAKEN_OVER or element.keyword in ENUMERATED
        if taken_over and not is_allowed(element):
            logging.getLogger("catheter.infer").warning(
                f"{path}: {element.keyword or element.tag} is not what DICOM allows and is left out of DICOM results"
            )
            del source[element.tag]


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
