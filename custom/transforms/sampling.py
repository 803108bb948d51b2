"""At which sampling the network sees a frame that keeps its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from custom.errors import InputError
from custom.values import is_range

# Where a file does not tell: the field of cardiac work at the detector, and its enlargement from the isocentre.
TYPICAL_FIELD_MM = 180.0
TYPICAL_MAGNIFICATION = 1.45
PLAIN = 0.02  # differences of grey values that compression leaves in what has one
NETWORK_STRIDE = 16  # pixels, of which the sides of what it sees are multiples


@dataclass(frozen=True)
class SamplingRange:
    """Pixel spacings, in mm at the detector, at which a network was trained; frames beyond them are resampled.

    Args:
        finest: smallest spacing.
        coarsest: largest spacing.
    """

    finest: float
    coarsest: float

    def scale(self, spacing_mm: float) -> float:
        """Return the network's pixels in a pixel of this spacing; 1 inside the range."""
        return spacing_mm / min(max(spacing_mm, self.finest), self.coarsest)


def sampling_range(spacings_mm: Sequence[float]) -> SamplingRange:
    """Return the range that a config gives as its finest and its coarsest spacing.

    Raises:
        InputError: where they are not two, or not positive and in order.
    """
    if not is_range(spacings_mm) or spacings_mm[0] == 0:
        expected = "the finest and the coarsest, in mm"
        raise InputError("no range of spacings", field="spacing_range_mm", found=spacings_mm, expected=expected)
    return SamplingRange(*spacings_mm)


@dataclass(frozen=True)
class SideRange:
    """Pixels of a frame's longer side between which scaling ends.

    Args:
        least: a frame is not scaled down further; smaller ones are not scaled down at all.
        most: larger frames are scaled down to that.
    """

    least: float
    most: float

    def limit(self, scale: float, longer_side: int) -> float:
        """Return the scale, as far as it may go for a frame whose longer side has so many pixels."""
        return min(max(scale, min(1.0, self.least / longer_side)), self.most / longer_side)


def side_range(pixels: Sequence[float]) -> SideRange:
    """Return the range that a config gives as its least and its most pixels.

    Raises:
        InputError: where they are not two, not in order, or too few for any frame.
    """
    if not is_range(pixels, least=NETWORK_STRIDE):
        expected = f"the least and the most pixels, {NETWORK_STRIDE} or more"
        raise InputError("no range of sides", field="longer_side_range", found=pixels, expected=expected)
    return SideRange(*pixels)


def field_side(image: torch.Tensor) -> int:
    """Return the pixels of a frame's longer side without what has one grey at its ends, like the bars of films.

    Args:
        image: (1, rows, columns), in [0, 1].

    Returns:
        At least the pixels of the shorter side: a square frame may have a collimator around a part of its field.
    """
    lines = image[0] if image.shape[-2] > image.shape[-1] else image[0].T
    length, across = lines.shape
    if length == across:
        return length
    (shown,) = torch.where(lines.amax(dim=1) - lines.amin(dim=1) > PLAIN)
    return max(across, int(shown[-1] - shown[0]) + 1) if len(shown) else length


def spacing_at_detector(side: int, spacing_mm: torch.Tensor | None = None, plane: str = "") -> float:
    """Return the spacing of a frame in mm at the detector.

    Args:
        side: pixels of the frame's longer side; see `field_side`.
        spacing_mm: (2,), row and column, NaN where unknown. The longer side then shows a field of 180 mm, about what
            cardiac frames show.
        plane: where it holds. One at the isocentre is enlarged by a typical magnification.
    """
    known = math.nan if spacing_mm is None else float(torch.as_tensor(spacing_mm).double().log().mean().exp())
    if not math.isfinite(known):
        return TYPICAL_FIELD_MM / side
    return known * (TYPICAL_MAGNIFICATION if plane == "isocentre" else 1.0)
