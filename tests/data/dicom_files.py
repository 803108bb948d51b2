"""Small DICOM files in which tests set what they are about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset, dcmread

from custom.data.dicom_writer import write_xa_cine


def write_dicom(path: Path, stored: np.ndarray, **attributes: Any) -> Path:
    """Write (frames, rows, columns) or (rows, columns) uint8, uint16 or int16 values with any attributes on top."""
    frames = stored if stored.ndim == 3 else stored[None]
    signed = frames.dtype == np.int16
    write_xa_cine(
        path,
        frames.view(np.uint16) if signed else frames,
        frame_time_ms=100,
        imager_pixel_spacing_mm=(0.3, 0.4),
        sid_mm=1200,
        sod_mm=800,
        primary_angle_deg=0,
        secondary_angle_deg=0,
    )
    return change_dicom(path, PixelRepresentation=int(signed), **attributes)


def change_dicom(path: Path, **attributes: Any) -> Path:
    """Set attributes of a file; `None` removes one."""
    dataset = dcmread(path)
    for keyword, value in attributes.items():
        if value is not None:
            setattr(dataset, keyword, value)
            if dataset[keyword].VR == "US or SS":
                dataset[keyword].VR = "US"
        elif keyword in dataset:
            delattr(dataset, keyword)
    dataset.save_as(path)
    return path


def lookup_table(values: list[int], *, first: int, bits: int) -> list[Dataset]:
    """Make the sequence of a Modality or VOI LUT."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(values) % 2**16, first, bits])
    item.add_new("LUTData", "US", values)
    item.ModalityLUTType = "US"
    return [item]
