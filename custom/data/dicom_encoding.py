"""Encodings of DICOM files that would not be decoded, or not rightly: they are refused before."""

from __future__ import annotations

from pathlib import Path

from pydicom import Dataset
from pydicom.pixels import get_decoder
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    MPEGTransferSyntaxes,
    RLELossless,
)

from custom.data.dicom_pixel_data import is_implicit
from custom.errors import InputError

# They keep every bit of a word, of which the image may use some.
WHOLE_WORDS = (
    RLELossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
)


def check_syntax(syntax: UID, path: Path) -> None:
    """Refuse a transfer syntax that cannot be decoded here.

    Raises:
        InputError: there is none, it is a video's, or no decoder is installed for it.
    """
    if not syntax:
        raise InputError("names no transfer syntax", source=path)
    if syntax in MPEGTransferSyntaxes:
        remedy = "Take the video out of it, for example with GDCM: gdcmraw -i FILE -o VIDEO.mp4"
        raise _unknown_syntax(syntax, path, remedy)
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        remedy = "Export it uncompressed or as JPEG 2000, or convert it with the package dcmtk or gdcm"
        raise _unknown_syntax(syntax, path, remedy) from None
    if not decoder.is_available:
        raise _unknown_syntax(syntax, path, f"Install one of: {'; '.join(decoder.missing_dependencies)}")


def check_encoding(syntax: UID, path: Path, *, pixel_data_start: int) -> None:
    """Refuse a file that is not written as its transfer syntax says: pixels would be read four bytes beside.

    Args:
        syntax: the transfer syntax.
        path: the file.
        pixel_data_start: where the element of the pixel data starts.

    Raises:
        InputError: it is written in another way.
    """
    if syntax == DeflatedExplicitVRLittleEndian:
        return
    with path.open("rb") as file:
        implicit = is_implicit(file, pixel_data_start)
    if implicit != syntax.is_implicit_VR:
        raise InputError(
            "the file is written in another way than it says",
            source=path,
            field="TransferSyntaxUID",
            found=_syntax_name(syntax),
            expected=f"that of {'implicit' if implicit else 'explicit'} VR",
            remedy="Correct it, or export the file again",
        )


def check_high_bit(header: Dataset, path: Path) -> None:
    """Refuse pixels in the upper bits, as they were once allowed: pydicom would take the lower ones.

    Raises:
        InputError: they lie there.
    """
    stored, high, allocated = (header.get(name) for name in ("BitsStored", "HighBit", "BitsAllocated"))
    if all(isinstance(value, int) for value in (stored, high, allocated)) and stored <= high < allocated:
        remedy = "Export the file again with a current program"
        problem = "pixels lie in the wrong bits"
        raise InputError(problem, source=path, field="HighBit", found=high, expected=stored - 1, remedy=remedy)


def _unknown_syntax(syntax: UID, path: Path, remedy: str) -> InputError:
    return InputError("unknown transfer syntax", source=path, found=_syntax_name(syntax), remedy=remedy)


def _syntax_name(syntax: UID) -> str:
    name = syntax.name  # its number, where pydicom does not know it
    return name if name == syntax else f"{name} ({syntax})"
