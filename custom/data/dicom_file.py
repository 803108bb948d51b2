"""DICOM: single frames and cines (XA, XRF and what looks like them)."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.pixels import pixel_array

from custom.data import jpeg_repair
from custom.data.dicom_grey import displayed_grey
from custom.data.dicom_spacing import projection_spacing
from custom.data.frame import Frame
from custom.errors import InputError

jpeg_repair.register()
# It logs what it raises anyway, with a traceback.
logging.getLogger("pydicom.pixels.decoders").setLevel(logging.CRITICAL)

PREAMBLE_LENGTH = 128
GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


def is_dicom(path: Path) -> bool:
    """Tell by its content whether a file is DICOM; archives often give no suffix."""
    with path.open("rb") as file:
        return file.read(PREAMBLE_LENGTH + 4)[PREAMBLE_LENGTH:] == b"DICM"


class DicomFile:
    """A DICOM file; one frame is decoded at a time, never the whole cine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header = dcmread(path, stop_before_pixels=True)
        if "Rows" not in self._header or "Columns" not in self._header:
            raise InputError("holds no image", source=path, found=self._header.get("Modality"))
        photometric = self._header.get("PhotometricInterpretation")
        if photometric not in GREY + COLOUR:
            raise InputError("wrong PhotometricInterpretation", source=path, found=photometric, expected="a grey image")
        self.rows = int(self._header.Rows)
        self.columns = int(self._header.Columns)
        self.frames = int(self._header.get("NumberOfFrames") or 1)

    def read(self, index: int) -> Frame:
        """Decode one frame and apply its grey chain."""
        pixels = pixel_array(self.path, index=index)
        if self._header.PhotometricInterpretation in GREY:
            pixels = displayed_grey(pixels, self._header)
        spacing, plane = projection_spacing(self._header)
        return Frame(pixels.astype(np.float32), spacing, plane)
