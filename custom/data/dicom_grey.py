"""From stored DICOM values to displayed grey: Modality LUT, VOI LUT or window, then inversion for MONOCHROME1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.pixels import apply_rescale, apply_voi_lut

from custom.errors import InputError


def displayed_grey(stored: np.ndarray, dataset: Dataset, *, source: str | Path | None = None) -> np.ndarray:
    """Apply the grey chain of the standard to one frame.

    Args:
        stored: (rows, columns), the stored values.
        dataset: the header. Of several windows or VOI LUTs the first counts.
        source: the file, for messages.

    Returns:
        (rows, columns) float32, bright where the standard displays white.

    Raises:
        InputError: where the window is narrower than the standard allows.
    """
    grey = _apply_voi(_apply_modality(_without_padding(stored, dataset), dataset), dataset, source)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        low, high = _grey_range(dataset)
        grey = low + high - grey
    return np.asarray(grey, dtype=np.float32)


def _without_padding(stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Set pixels around the image, which hold no signal, to its darkest one."""
    value = dataset.get("PixelPaddingValue")
    limit = dataset.get("PixelPaddingRangeLimit")
    if not isinstance(value, int):
        return stored
    first, last = sorted(_stored_value(end, dataset) for end in (value, limit if isinstance(limit, int) else value))
    padded = (stored >= first) & (stored <= last)
    if padded.all() or not padded.any():
        return stored
    shown = stored[~padded]
    return np.where(padded, shown.max() if dataset.PhotometricInterpretation == "MONOCHROME1" else shown.min(), stored)


def _stored_value(value: int, dataset: Dataset) -> int:
    """A value of the header as the pixels hold it; writers confuse signed and unsigned, and bits that are not used."""
    value &= 2**dataset.BitsStored - 1
    negative = dataset.PixelRepresentation == 1 and value >= 2 ** (dataset.BitsStored - 1)
    return value - 2**dataset.BitsStored if negative else value


def _apply_modality(stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    if dataset.get("ModalityLUTSequence"):
        return _look_up(stored, dataset.ModalityLUTSequence[0])
    return _rescaled(stored, dataset)


def _rescaled(stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Rescale values; a slope or an intercept that is empty counts as one that is absent."""
    if dataset.get("RescaleSlope") is None or dataset.get("RescaleIntercept") is None:
        return stored
    return apply_rescale(stored, dataset)


def _apply_voi(grey: np.ndarray, dataset: Dataset, source: str | Path | None) -> np.ndarray:
    if dataset.get("VOILUTSequence"):
        return _look_up(grey, dataset.VOILUTSequence[0])
    _check_window(dataset, source)
    return apply_voi_lut(grey, dataset)  # the window, where there is one


def _check_window(dataset: Dataset, source: str | Path | None) -> None:
    center, width = dataset.get("WindowCenter"), dataset.get("WindowWidth")
    if center is None or width is None:
        return
    first = width[0] if isinstance(width, MultiValue) else width
    linear = dataset.get("VOILUTFunction", "LINEAR") == "LINEAR"
    if first < 1 if linear else first <= 0:
        expected = "1 or more" if linear else "more than 0"
        raise InputError("too narrow", source=source, field="WindowWidth", found=float(first), expected=expected)


def _look_up(grey: np.ndarray, item: Dataset) -> np.ndarray:
    """Look values up; pydicom's own function wraps 10-bit values around in an 8-bit table and knows no 12-bit one."""
    entries, first, _ = item.LUTDescriptor
    table = _table(item.LUTData, entries or 2**16)
    return table[np.clip(np.rint(grey).astype(np.int64) - first, 0, len(table) - 1)]


def _table(data: bytes | list[int], entries: int) -> np.ndarray:
    if isinstance(data, bytes):
        return np.frombuffer(data, dtype="<u2" if len(data) >= 2 * entries else np.uint8, count=entries)
    return np.asarray(data, dtype=np.uint16)


def _grey_range(dataset: Dataset) -> tuple[float, float]:
    """Return the lowest and highest grey that the chain can give; a window spans the range of its input."""
    for sequence in ("VOILUTSequence", "ModalityLUTSequence"):
        if dataset.get(sequence):
            return 0.0, 2.0 ** dataset[sequence].value[0].LUTDescriptor[2] - 1
    stored = (0.0, 2.0**dataset.BitsStored - 1)
    if dataset.PixelRepresentation == 1:
        stored = (-(2.0 ** (dataset.BitsStored - 1)), 2.0 ** (dataset.BitsStored - 1) - 1)
    low, high = _rescaled(np.asarray(stored), dataset)
    return float(low), float(high)
