"""DICOM: single frames and cines (XA, XRF and what looks like them)."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.pixels import iter_pixels, pixel_array
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGExtended12Bit, RLELossless

from custom.data import jpeg_lossless, jpeg_repair
from custom.data.dicom_encoding import WHOLE_WORDS, check_encoding, check_high_bit, check_syntax
from custom.data.dicom_frame_header import frame_header
from custom.data.dicom_grey import displayed_grey, stored_bits
from custom.data.dicom_pixel_data import (
    WholeReads,
    encapsulated_frames,
    frame_offsets,
    has_plausible_table,
    native_frames,
    native_length,
)
from custom.data.dicom_spacing import projection_spacing
from custom.data.frame import Frame, FrameFile, ends_early
from custom.errors import InputError

jpeg_repair.register()
jpeg_lossless.register()
# It logs what it raises anyway, with a traceback.
logging.getLogger("pydicom.pixels.decoders").setLevel(logging.CRITICAL)

PREAMBLE_LENGTH = 128
GREY = ("MONOCHROME1", "MONOCHROME2")
# The other plugin is in Rust, and panics on runs that are broken.
DECODERS = {RLELossless: "pydicom"}
# Decoders give a byte a pixel where the JPEG has 8 bits, however long the header's words are.
LOSSY_JPEG = (JPEGBaseline8Bit, JPEGExtended12Bit)
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


def is_dicom(path: Path) -> bool:
    """Tell by its content whether a file is DICOM; archives often give no suffix."""
    with path.open("rb") as file:
        return file.read(PREAMBLE_LENGTH + 4)[PREAMBLE_LENGTH:] == b"DICM"


def lacks_preamble(path: Path) -> bool:
    """Tell whether a file would be DICOM if it did not lack the preamble and the letters that tell so."""
    with suppress(Exception):  # whatever pydicom raises on what is no DICOM
        return "SOPClassUID" in dcmread(path, force=True, stop_before_pixels=True, specific_tags=["SOPClassUID"])
    return False


class DicomFile(FrameFile):
    """A DICOM file; one frame is decoded at a time, never the whole cine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            self._header = dcmread(file, stop_before_pixels=True)
            self._pixel_data_start = file.tell()
            ended = not file.read(1)
        if "Rows" not in self._header or "Columns" not in self._header:
            raise InputError("holds no image: Rows and Columns are missing", source=path)
        if ended and self._syntax != DeflatedExplicitVRLittleEndian:
            remedy = (
                "They lie on a JPIP server: export the file with them"
                if "PixelDataProviderURL" in self._header
                else None
            )
            raise InputError("holds no pixel data", source=path, remedy=remedy)
        # Before what only follows from it: videos have a PhotometricInterpretation of their own.
        check_syntax(self._syntax, path)
        photometric = self._header.get("PhotometricInterpretation")
        if photometric not in GREY + COLOUR:
            raise InputError("wrong PhotometricInterpretation", source=path, found=photometric, expected="a grey image")
        self.rows = int(self._header.Rows)
        self.columns = int(self._header.Columns)
        frames = self._header.get("NumberOfFrames")
        self.frames = 1 if frames in (None, "") else int(frames)

    def read(self, index: int) -> Frame:
        """Decode one frame and apply its grey chain."""
        self._check_decodable()
        with self._source() as source:
            held = self._frames_to_decode(source)
            options = {"number_of_frames": held, **self._decoding}
            if self._syntax.is_encapsulated and not has_plausible_table(source, self._pixel_data_start, self.frames):
                offsets = self._frame_offsets(source)
                if offsets is not None:
                    held, options["extended_offsets"] = len(offsets[0]), offsets
            if index >= held:
                raise ends_early(self.path, held, self.frames)
            pixels = pixel_array(source, index=index, **options)
            return self._frame(pixels, index)

    def stream(self) -> Iterator[Frame]:
        """Decode frame after frame; those before the place where the pixel data break off are still given."""
        self._check_decodable()
        found = 0
        with self._source() as source, closing(self._decoded(source)) as decoded:
            for found, pixels in enumerate(islice(decoded, self.frames), start=1):
                yield self._frame(pixels, found - 1)
        if found < self.frames:
            raise ends_early(self.path, found, self.frames)

    def _decoded(self, source: Any) -> Generator[np.ndarray]:
        held = self._frames_to_decode(source)
        offsets = self._frame_offsets(source) if self._syntax.is_encapsulated else None
        if offsets is None:
            if held:  # none would be all to pydicom
                yield from iter_pixels(source, number_of_frames=held, **self._decoding)
        elif offsets[0]:  # pydicom alone would give no frame at all where some are missing
            indices = range(len(offsets[0]))
            yield from iter_pixels(source, indices=indices, extended_offsets=offsets, **self._decoding)

    def _frame_offsets(self, source: Any) -> tuple[list[int], list[int]] | None:
        return frame_offsets(source, self._pixel_data_start, self._syntax, self.frames)

    def _frames_to_decode(self, source: Any) -> int:
        """Return the frames that there should be, or fewer where pixel data that are not encapsulated hold fewer.

        Raises:
            InputError: if the pixel data hold more: those would be lost without a word.
        """
        if self._syntax.is_encapsulated:
            held = max(self.frames, encapsulated_frames(source, self._pixel_data_start, self._syntax, self.frames))
        else:
            held = native_frames(self._header, self._native_length(source), self.frames)
        if held > self.frames:
            raise InputError(
                "the pixel data hold more frames than the header says",
                source=self.path,
                field="NumberOfFrames",
                found=self.frames if self._header.get("NumberOfFrames") else "nothing",
                expected=str(held),
                remedy="Correct it, or export the file again",
            )
        return held

    def _native_length(self, source: Any) -> int:
        if self._syntax == DeflatedExplicitVRLittleEndian:
            return len(source.PixelData)
        return native_length(source, self._pixel_data_start, self._syntax)

    @property
    def _syntax(self) -> UID:
        return UID(self._header.file_meta.get("TransferSyntaxUID", ""))

    @property
    def _decoding(self) -> dict[str, Any]:
        """What pydicom is told beside what the header says."""
        in_bytes = self._syntax in LOSSY_JPEG and self._header.get("BitsStored") == 8
        return {"decoding_plugin": DECODERS.get(self._syntax, "")} | ({"bits_allocated": 8} if in_bytes else {})

    def _source(self) -> AbstractContextManager[Any]:
        """What pydicom decodes: the file as it streams, but a deflated one as a whole."""
        if self._syntax == DeflatedExplicitVRLittleEndian:
            return nullcontext(dcmread(self.path))
        return WholeReads(self.path)

    def _check_decodable(self) -> None:
        check_encoding(self._syntax, self.path, pixel_data_start=self._pixel_data_start)
        if not self._syntax.is_encapsulated or self._syntax in WHOLE_WORDS:
            check_high_bit(self._header, self.path)

    def _frame(self, pixels: np.ndarray, index: int) -> Frame:
        header = frame_header(self._header, index, source=self.path)
        if header.PhotometricInterpretation in GREY:
            if self._syntax in WHOLE_WORDS:
                pixels = stored_bits(pixels, header)
            pixels = displayed_grey(pixels, header, source=self.path)
        grey = pixels.astype(np.float32)
        try:
            return Frame(grey, *projection_spacing(header, source=self.path))
        except InputError as fault:
            return Frame(grey, spacing_fault=fault)
