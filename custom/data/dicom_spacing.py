"""Pixel spacing of a projection image, with the plane in which it holds."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

from pydicom import Dataset
from pydicom.multival import MultiValue

from custom.data.frame import SPACING_REMEDY, SpacingPlane
from custom.errors import InputError

NUMBERS = (
    *("ObjectPixelSpacingInCenterOfBeam", "ImagerPixelSpacing", "PixelSpacing", "DistanceSourceToDetector"),
    *("DistanceSourceToPatient", "DistanceSourceToIsocenter", "EstimatedRadiographicMagnificationFactor"),
)
ROUNDING = 1e-3  # two spacings that differ by less are one, written with other digits


def projection_spacing(
    dataset: Dataset, *, source: str | Path | None = None
) -> tuple[tuple[float, float] | None, SpacingPlane | None]:
    """Find the pixel spacing of an XA, XRF or DX image.

    A calibrated `PixelSpacing`, or the object's spacing of an Enhanced image, counts as it is. Otherwise
    `ImagerPixelSpacing`, which holds at the detector, is divided by the magnification where the header tells it.
    `PixelSpacing` alone, not marked as calibrated, could be either and counts as unknown (DICOM PS3.3, 10.7.1.3).

    Args:
        dataset: the header.
        source: the file, for messages.

    Returns:
        (row, column) in mm as the header has them, even where that is impossible, and their plane; both `None` where
        unknown.

    Raises:
        InputError: where a value that tells the spacing is no number.
    """
    _check_numbers(dataset, source)
    calibrated = _spacing(dataset, "ObjectPixelSpacingInCenterOfBeam")
    if calibrated is not None:
        return calibrated, "isocentre"
    imager = _spacing(dataset, "ImagerPixelSpacing")
    spacing = _spacing(dataset, "PixelSpacing")
    if spacing is not None and _is_calibrated(dataset, spacing, imager):
        return spacing, "isocentre"
    if imager is None:
        return None, None
    magnification = _magnification(dataset)
    if magnification is None:
        return imager, "detector"
    return (imager[0] / magnification, imager[1] / magnification), "isocentre"


def _check_numbers(dataset: Dataset, source: str | Path | None) -> None:
    for keyword in NUMBERS:
        value = dataset.get(keyword)
        values = value if isinstance(value, MultiValue) else [value]
        try:
            [float(item) for item in values if item not in (None, "")]
        except ValueError as error:
            found = "\\".join(map(str, values))
            raise InputError(
                "is no number", source=source, field=keyword, found=found, remedy=SPACING_REMEDY
            ) from error


def _is_calibrated(dataset: Dataset, spacing: tuple[float, float], imager: tuple[float, float] | None) -> bool:
    if dataset.get("PixelSpacingCalibrationType"):
        return True
    return imager is not None and not all(map(partial(math.isclose, rel_tol=ROUNDING), spacing, imager))


def _magnification(dataset: Dataset) -> float | None:
    detector = dataset.get("DistanceSourceToDetector")
    patient = dataset.get("DistanceSourceToPatient") or dataset.get("DistanceSourceToIsocenter")
    ratio = float(detector) / float(patient) if detector and patient else None
    estimate = dataset.get("EstimatedRadiographicMagnificationFactor")
    for magnification in (ratio, estimate):
        if magnification and magnification >= 1:
            return float(magnification)
    return None


def _spacing(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    values = dataset.get(keyword)
    if not isinstance(values, MultiValue) or len(values) != 2:
        return None
    return float(values[0]), float(values[1])
