"""Frames to be wary of are flagged, never refused."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform
from scipy.ndimage import gaussian_filter1d

from custom.postprocessing.mask_pieces import widened

FRAME_FLAGS = {
    "blank": "Nothing is on the frame: its grey hardly differs from pixel to pixel.",
    "low_contrast": "What is on the frame hardly stands out of its noise, or fills few of the greys.",
    "saturated": "A large part of the frame has the brightest grey, or nearly all of it the darkest.",
    "inverted": "Fine structures are bright on dark, as if metal let X-rays through: the file's tags may be wrong.",
    "tiny": "The frame has so few pixels that an electrode is hardly one.",
    "unlike_training": "The network's features lie farther from its training frames than nearly all of those.",
}
ANALYSED_SIDE = 256
SATURATION_TOLERANCE = 0.005
STRONGEST_SHARE = 0.002
DRAWN_TOLERANCE, DRAWN_REACH = 0.03, 3  # share of the greys that compression moves a drawing by; pixels around it
SMOOTHING = 2.0  # pixels; takes noise away
FINE = 0.9  # pixels; half the width of a wire
CUT = slice(4, -4)  # what is left of the frame's pixels then
EVERY_SECOND = (slice(None, None, 2), slice(None, None, 2))  # percentiles of a quarter of the pixels are as good
EVERY_FOURTH = (slice(None, None, 4), slice(None, None, 4))  # and noise takes no more than these


class CheckFramed(Transform):
    """Adds `flags`, a list of names of `FRAME_FLAGS`, to a frame that is not normalised yet.

    The defaults leave nearly every frame alone that a human would read.

    Args:
        minimum_side: pixels; a frame with a shorter side is `tiny`.
        blank_contrast: range of the greys without outliers, relative to the largest, below which a frame is `blank`.
        low_contrast: the same, below which it is `low_contrast`.
        low_signal: range of the smoothed frame in standard deviations of its noise, below which it is `low_contrast`.
        bright_share: share of the pixels with the brightest grey from which it is `saturated`.
        dark_share: the same with the darkest grey, which a collimator leaves around the field.
        inverted_darkness: of the strongest fine structures, from -1 (all bright) to 1 (all dark), below which it is
            `inverted`. Frames without metal tell little: most inverted frames are not found by it.
    """

    def __init__(
        self,
        *,
        minimum_side: int = 128,
        blank_contrast: float = 0.01,
        low_contrast: float = 0.05,
        low_signal: float = 2.0,
        bright_share: float = 0.1,
        dark_share: float = 0.7,
        inverted_darkness: float = -0.2,
    ) -> None:
        self.minimum_side = minimum_side
        self.blank_contrast = blank_contrast
        self.low_contrast = low_contrast
        self.low_signal = low_signal
        self.bright_share = bright_share
        self.dark_share = dark_share
        self.inverted_darkness = inverted_darkness

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Check `image` (1, rows, columns)."""
        pixels = np.asarray(data["image"], dtype=np.float32)[0]
        flags = [] if min(pixels.shape) >= self.minimum_side else ["tiny"]
        return {**data, "flags": flags + self._faults_of_grey(pixels)}

    def _faults_of_grey(self, pixels: np.ndarray) -> list[str]:
        contrast = _contrast(pixels)
        if not contrast >= self.blank_contrast:  # NaN where the frame holds what is no number
            return ["blank"]
        low, high = float(pixels.min()), float(pixels.max())
        factor = max(1, round(max(pixels.shape) / ANALYSED_SIDE))
        padded = _padded(pixels, factor)
        small = _shrunk(padded, factor)
        brightest = padded >= high - DRAWN_TOLERANCE * (high - low)
        drawn = widened(_over_blocks(np.logical_or, brightest, factor), DRAWN_REACH)
        faults = {
            "low_contrast": contrast < self.low_contrast or _signal_to_noise(small) < self.low_signal,
            "saturated": self._is_saturated(pixels, low, high),
            "inverted": _darkness_of_fine_structures(small, ignored=drawn) < self.inverted_darkness,
        }
        return [flag for flag, found in faults.items() if found]

    def _is_saturated(self, pixels: np.ndarray, low: float, high: float) -> bool:
        margin = SATURATION_TOLERANCE * (high - low)
        bright, dark = np.count_nonzero(pixels >= high - margin), np.count_nonzero(pixels <= low + margin)
        return bool(bright >= self.bright_share * pixels.size or dark >= self.dark_share * pixels.size)


def _contrast(pixels: np.ndarray) -> float:
    low, high = np.percentile(pixels[EVERY_SECOND], (1, 99))
    largest = max(abs(low), abs(high))
    return float((high - low) / largest) if largest > 0 else 0.0


def _padded(pixels: np.ndarray, factor: int) -> np.ndarray:
    rows, columns = (-length % factor for length in pixels.shape)
    return np.pad(pixels, ((0, rows), (0, columns)), mode="edge") if rows or columns else pixels


def _shrunk(pixels: np.ndarray, factor: int) -> np.ndarray:
    """Average blocks of pixels, so that fine structures have about one width whatever the frame's sampling."""
    return np.asarray(_over_blocks(np.add, pixels, factor) / factor**2)


def _over_blocks(combine: np.ufunc, pixels: np.ndarray, factor: int) -> np.ndarray:
    """Combine the pixels of each block; NumPy's own way over both sides of them takes ten times as long."""
    rows = reduce(combine, [pixels[first::factor] for first in range(factor)])
    return reduce(combine, [rows[:, first::factor] for first in range(factor)])


def _signal_to_noise(pixels: np.ndarray) -> float:
    rows, columns = pixels.shape
    # Not NumPy's product, whose threads go on spinning and double the time of the network behind it.
    smooth = (_smoothing(rows) @ torch.from_numpy(pixels) @ _smoothing(columns).T).numpy()
    noise = 1.4826 * float(np.median(np.abs(pixels[EVERY_FOURTH] - smooth)))
    low, high = np.percentile(smooth, (1, 99))
    return float(high - low) / noise if noise > 0 else math.inf


@lru_cache(maxsize=16)
def _smoothing(length: int) -> torch.Tensor:
    """The matrix (every fourth, length) of a Gaussian filter: only the values that count are worked out."""
    return torch.from_numpy(gaussian_filter1d(np.eye(length, dtype=np.float32), SMOOTHING, axis=0)[::4].copy())


def _darkness_of_fine_structures(pixels: np.ndarray, ignored: np.ndarray) -> float:
    """Compare the strongest dark fine structures with the strongest bright ones: 1 all dark, -1 all bright.

    Where the frame has its brightest grey, text or a line may be drawn, which no X-rays did, and is to be ignored.
    """
    low, high = map(float, np.percentile(pixels[EVERY_SECOND], (0.1, 99.9)))  # NumPy's own would make it float64
    inside = pixels[1:-1, 1:-1].clip(low, high)  # the outermost pixels of a file are often a line that is not X-ray
    fine = np.where(ignored[CUT, CUT], 0, _laplacian(_smoothed_a_little(inside)))
    strongest = math.ceil(STRONGEST_SHARE * fine.size)
    if strongest == 0:
        return 0.0
    values = torch.from_numpy(fine.ravel())  # whose topk is several times as fast as NumPy's partition
    bright, dark = (float(torch.topk(side, strongest, sorted=False).values.mean()) for side in (-values, values))
    return (dark - bright) / (dark + bright) if dark + bright > 0 else 0.0


def _smoothed_a_little(pixels: np.ndarray) -> np.ndarray:
    """Without the two outermost pixels; as `gaussian_filter`, which takes four times as long, does with FINE."""
    share = FINE**2 / 4  # of each neighbour: two rounds of three have the variance of the filter
    for _ in range(2):
        pixels = (1 - 2 * share) * pixels[1:-1] + share * (pixels[2:] + pixels[:-2])
        pixels = (1 - 2 * share) * pixels[:, 1:-1] + share * (pixels[:, 2:] + pixels[:, :-2])
    return pixels


def _laplacian(pixels: np.ndarray) -> np.ndarray:
    """Without the outermost pixels; scipy's takes twice as long."""
    inside = pixels[1:-1, 1:-1]
    return np.asarray(pixels[2:, 1:-1] + pixels[:-2, 1:-1] + pixels[1:-1, 2:] + pixels[1:-1, :-2] - 4 * inside)


class FlagUnlikeTrainingd(Transform):
    """Takes `feature_distance` out of the network's output and adds `unlike_training` to `flags` where it is too large.

    Comes before `DecodePredictiond`, and finds the output where that does.

    Args:
        limit: distance from which a frame is flagged; 1 is what the network was fitted with.
    """

    def __init__(self, limit: float = 1.0) -> None:
        self.limit = limit

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Check one sample, that is, without batch axis; a distance that is NaN was not fitted and flags nothing."""
        pred = data.get("pred")
        found = pred if isinstance(pred, Mapping) else data
        distance = float(found.get("feature_distance", math.nan))
        flags = [*(data.get("flags") or []), *(["unlike_training"] if distance > self.limit else [])]
        return {**data, "feature_distance": distance, "flags": flags}
