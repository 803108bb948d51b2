"""From stored DICOM values to displayed grey: Modality LUT, VOI LUT or window, then inversion for MONOCHROME1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.pixels import apply_rescale
from scipy.special import expit

from custom.errors import InputError

LINEAR = "LINEAR"
WINDOWS = (LINEAR, "LINEAR_EXACT", "SIGMOID")


def stored_bits(pixels: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Leave out what else lies in the words of the pixels, such as overlays; pydicom does not in every transfer syntax.

    Args:
        pixels: (rows, columns), integers.
        dataset: the header.
    """
    unused = 8 * pixels.itemsize - dataset.BitsStored
    return pixels << unused >> unused if unused > 0 else pixels


def displayed_grey(stored: np.ndarray, dataset: Dataset, *, source: str | Path | None = None) -> np.ndarray:
    """Apply the grey chain of the standard to one frame.

    Args:
        stored: (rows, columns), the stored values.
        dataset: the header. Of several windows or VOI LUTs the first counts.
        source: the file, for messages.

    Returns:
        (rows, columns) float32, bright where the standard displays white.

    Raises:
        InputError: where the window is narrower than the standard allows, or a LUT has fewer entries than it says.
    """
    grey = _apply_voi(_apply_modality(stored, dataset, source), dataset, source)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        low, high = _grey_range(dataset)
        grey = low + high - grey
    return _with_dark_padding(np.asarray(grey, dtype=np.float32), stored, dataset)


def _with_dark_padding(grey: np.ndarray, stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Show pixels around the image, which hold no signal, as its darkest one."""
    value = dataset.get("PixelPaddingValue")
    limit = dataset.get("PixelPaddingRangeLimit")
    if not isinstance(value, int):
        return grey
    first, last = sorted(_stored_value(end, dataset) for end in (value, limit if isinstance(limit, int) else value))
    padded = (stored >= first) & (stored <= last)
    if padded.all() or not padded.any():
        return grey
    return np.where(padded, grey[~padded].min(), grey)


def _stored_value(value: int, dataset: Dataset) -> int:
    """A value of the header as the pixels hold it; writers confuse signed and unsigned, and bits that are not used."""
    value &= 2**dataset.BitsStored - 1
    negative = dataset.PixelRepresentation == 1 and value >= 2 ** (dataset.BitsStored - 1)
    return value - 2**dataset.BitsStored if negative else value


def _apply_modality(stored: np.ndarray, dataset: Dataset, source: str | Path | None) -> np.ndarray:
    if dataset.get("ModalityLUTSequence"):
        return _look_up(stored, dataset.ModalityLUTSequence[0], lowest=_stored_range(dataset)[0], source=source)
    return _rescaled(stored, dataset)


def _rescaled(stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Rescale values; a slope or an intercept that is empty counts as one that is absent."""
    if dataset.get("RescaleSlope") is None or dataset.get("RescaleIntercept") is None:
        return stored
    return apply_rescale(stored, dataset)


def _apply_voi(grey: np.ndarray, dataset: Dataset, source: str | Path | None) -> np.ndarray:
    if dataset.get("VOILUTSequence"):
        return _look_up(grey, dataset.VOILUTSequence[0], lowest=_modality_range(dataset)[0], source=source)
    center, width = (_first(dataset.get(keyword)) for keyword in ("WindowCenter", "WindowWidth"))
    if center in (None, "") or width in (None, "") or center == width == 0:  # exporters write zeros for no window
        return grey
    function = (dataset.get("VOILUTFunction") or LINEAR).upper()
    _check_window(function, float(width), source)
    low, high = _modality_range(dataset)
    return low + (high - low) * _share_of_white(grey, float(center), float(width), function)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, MultiValue) else value


def _check_window(function: str, width: float, source: str | Path | None) -> None:
    if function not in WINDOWS:
        expected = ", ".join(WINDOWS)
        raise InputError("no such window", source=source, field="VOILUTFunction", found=function, expected=expected)
    if width < 1 if function == LINEAR else width <= 0:
        expected = "1 or more" if function == LINEAR else "more than 0"
        raise InputError("too narrow", source=source, field="WindowWidth", found=width, expected=expected)


def _share_of_white(grey: np.ndarray, center: float, width: float, function: str) -> np.ndarray:
    """Apply a window as DICOM PS3.3, C.11.2.1 has it; pydicom's own inverts frames whose rescaling slope falls."""
    if function == "SIGMOID":
        return np.asarray(expit(4 * (grey - center) / width))
    if function == LINEAR:
        center, width = center - 0.5, width - 1
    return np.asarray(grey > center) if width == 0 else np.clip((grey - center) / width + 0.5, 0, 1)


def _look_up(grey: np.ndarray, item: Dataset, *, lowest: float, source: str | Path | None) -> np.ndarray:
    """Look values up; pydicom's own function wraps 10-bit values around in an 8-bit table and knows no 12-bit one.

    Args:
        grey: what goes in.
        item: the table.
        lowest: value that can go in; where it is negative, so may be the table's first one, written without a sign.
        source: the file, for messages.
    """
    _, first, _ = item.LUTDescriptor
    if lowest < 0 and first >= 2**15:
        first -= 2**16
    table = _table(item, source)
    return table[np.clip(np.rint(grey).astype(np.int64) - first, 0, len(table) - 1)]


def _table(item: Dataset, source: str | Path | None) -> np.ndarray:
    data = item.LUTData
    entries, _, bits = item.LUTDescriptor
    entries = entries or 2**16
    if isinstance(data, bytes):
        _, little_endian = item.original_encoding
        table = np.frombuffer(data, dtype=">u2" if little_endian is False else "<u2")  # pydicom leaves their order
    else:
        table = np.atleast_1d(np.asarray(data, dtype=np.uint16))
    if bits == 8 and len(table) < entries:  # two entries in a word
        table = table.astype("<u2").view(np.uint8)
    if len(table) < entries:
        raise InputError("too few entries", source=source, field="LUTData", found=len(table), expected=str(entries))
    return table[:entries]


def _grey_range(dataset: Dataset) -> tuple[float, float]:
    """Return the lowest and highest grey that the chain can give; a window spans the range of its input."""
    if dataset.get("VOILUTSequence"):
        return _table_range(dataset.VOILUTSequence[0])
    return _modality_range(dataset)


def _modality_range(dataset: Dataset) -> tuple[float, float]:
    if dataset.get("ModalityLUTSequence"):
        return _table_range(dataset.ModalityLUTSequence[0])
    low, high = sorted(map(float, _rescaled(np.asarray(_stored_range(dataset)), dataset)))
    return low, high


def _table_range(item: Dataset) -> tuple[float, float]:
    return 0.0, 2.0 ** item.LUTDescriptor[2] - 1


def _stored_range(dataset: Dataset) -> tuple[float, float]:
    if dataset.PixelRepresentation == 1:
        return -(2.0 ** (dataset.BitsStored - 1)), 2.0 ** (dataset.BitsStored - 1) - 1
    return 0.0, 2.0**dataset.BitsStored - 1
