"""Pixel spacing of a projection image, with the plane in which it holds."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

from pydicom import Dataset
from pydicom.multival import MultiValue

from custom.data.frame import SPACING_REMEDY, SpacingPlane
from custom.errors import InputError

LARGEST_MAGNIFICATION = 5.0  # far beyond that of C-arms
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
        InputError: where a value that the spacing follows from is no number, or a spacing has not two.
    """
    calibrated = _spacing(dataset, "ObjectPixelSpacingInCenterOfBeam", source)
    if calibrated is not None:
        return calibrated, "isocentre"
    imager = _spacing(dataset, "ImagerPixelSpacing", source)
    spacing = _spacing(dataset, "PixelSpacing", source)
    if spacing is not None and _is_calibrated(dataset, spacing, imager):
        return spacing, "isocentre"
    if imager is None:
        return None, None
    magnification = _magnification(dataset, source)
    if magnification is None:
        return imager, "detector"
    return (imager[0] / magnification, imager[1] / magnification), "isocentre"


def _is_calibrated(dataset: Dataset, spacing: tuple[float, float], imager: tuple[float, float] | None) -> bool:
    if dataset.get("PixelSpacingCalibrationType"):
        return True
    return imager is not None and not all(map(partial(math.isclose, rel_tol=ROUNDING), spacing, imager))


def _magnification(dataset: Dataset, source: str | Path | None) -> float | None:
    detector = _number(dataset, "DistanceSourceToDetector", source)
    patient = _number(dataset, "DistanceSourceToPatient", source)
    patient = patient or _number(dataset, "DistanceSourceToIsocenter", source)
    ratio = detector / patient if detector and patient else None
    for magnification in (ratio, _number(dataset, "EstimatedRadiographicMagnificationFactor", source)):
        if magnification and 1 <= magnification <= LARGEST_MAGNIFICATION:
            return magnification
    return None


def _spacing(dataset: Dataset, keyword: str, source: str | Path | None) -> tuple[float, float] | None:
    values = _numbers(dataset, keyword, source)
    if not values:
        return None
    if len(values) != 2:
        raise _fault("has the wrong number of values", dataset, keyword, source, expected="row and column")
    return values[0], values[1]


def _number(dataset: Dataset, keyword: str, source: str | Path | None) -> float | None:
    return next(iter(_numbers(dataset, keyword, source)), None)


def _numbers(dataset: Dataset, keyword: str, source: str | Path | None) -> list[float]:
    """Return the values of an element, none where it is absent or empty."""
    value = dataset.get(keyword)
    values = value if isinstance(value, MultiValue | list) else [value]
    try:
        return [float(item) for item in values if item not in (None, "")]
    except ValueError as error:
        raise _fault("is no number", dataset, keyword, source) from error


def _fault(
    problem: str, dataset: Dataset, keyword: str, source: str | Path | None, *, expected: str | None = None
) -> InputError:
    value = dataset.get(keyword)
    found = "\\".join(map(str, value)) if isinstance(value, MultiValue | list) else str(value)
    return InputError(problem, source=source, field=keyword, found=found, expected=expected, remedy=SPACING_REMEDY)
