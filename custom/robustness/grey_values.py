"""Corruptions of the grey values; labels stay where they are."""

from __future__ import annotations

import io
import math
from abc import abstractmethod
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFont
from scipy.ndimage import gaussian_filter
from skimage.filters import unsharp_mask
from skimage.restoration import denoise_nl_means

from custom.robustness.corruption import Corruption, LabelledFrame
from custom.transforms.burned_in import electrocardiogram_opacity, graphics_opacity, random_line, text_opacity

# From black to white, the dose that arrived grows by about this factor (its logarithm).
LOG_RANGE = 3.0
STRUCTURE_PIXELS = 2.0
MEDIAN_TO_DEVIATION = 1.4826
ENHANCED_PIXELS = 3.0  # details finer than this are enhanced
DENOISING_PATCH = {"patch_size": 5, "patch_distance": 6}  # pixels
FONT_SHARE = 0.03  # of the rows


class GreyValueCorruption(Corruption):
    """A corruption of the pixels alone."""

    def __call__(self, frame: LabelledFrame, strength: float, random: np.random.Generator) -> LabelledFrame:
        """See `Corruption`."""
        return replace(frame, pixels=self.corrupt(frame.pixels, strength, random))

    @abstractmethod
    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """Corrupt (rows, columns) pixels in [0, 1]."""


class LowerDose(GreyValueCorruption):
    """The noise that a share of the dose would have added; the strength is the share.

    An approximation: nobody knows dose and processing of stored grey levels. The noise that a frame has is taken for
    the quantum noise of its dose, and grey levels for linear in the logarithm of what arrived at the detector. There a
    share s of the dose has 1 / s times the variance, and dark pixels have more than bright ones.
    """

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        arrived = np.exp(LOG_RANGE * (pixels - pixels.mean()))
        noise = random.standard_normal(pixels.shape)
        as_much_again = noise_deviation(pixels) / noise_deviation(noise) * noise
        return pixels + np.sqrt((1 / strength - 1) / arrived) * as_much_again


def noise_deviation(pixels: np.ndarray) -> float:
    """Standard deviation of what varies from pixel to pixel, by a median that structures hardly move."""
    fine = pixels - gaussian_filter(pixels, STRUCTURE_PIXELS)
    return MEDIAN_TO_DEVIATION * float(np.median(np.abs(fine)))


class WhiteNoise(GreyValueCorruption):
    """White Gaussian noise; the strength is its standard deviation, as a share of the grey range."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return pixels + strength * random.standard_normal(pixels.shape)


class Blur(GreyValueCorruption):
    """Gaussian blur; the strength is its standard deviation in pixels of the frame."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return gaussian_filter(pixels, strength, mode="nearest")


class LowContrast(GreyValueCorruption):
    """Differences from the mean shrink to a share of them, the strength; few of 256 levels are left."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return pixels.mean() + strength * (pixels - pixels.mean())


class Gamma(GreyValueCorruption):
    """Grey values to a power, the strength; above 1 frames get darker, below 1 brighter."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return pixels**strength


class Inversion(GreyValueCorruption):
    """Bright becomes dark on a share of the frames, the strength; a stronger one inverts the same frames and more."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return 1 - pixels if random.random() < strength else pixels


class JpegCompression(GreyValueCorruption):
    """Baseline JPEG; the strength is its quality, 1 to 100."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        file = io.BytesIO()
        Image.fromarray((255 * pixels).round().astype(np.uint8)).save(file, "JPEG", quality=math.floor(strength))
        return np.asarray(Image.open(file), dtype=np.float32) / 255


class EdgeEnhancement(GreyValueCorruption):
    """An unsharp mask; the strength is the multiple of the details that is added."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return unsharp_mask(pixels, radius=ENHANCED_PIXELS, amount=strength)


class NoiseReduction(GreyValueCorruption):
    """Non-local means; the strength is the difference of grey values that it takes for noise."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return denoise_nl_means(pixels, h=strength, **DENOISING_PATCH)


class FewLevels(GreyValueCorruption):
    """Grey values rounded to a number of levels, the strength."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        return np.round(pixels * (strength - 1)) / (strength - 1)


class BurnedInText(GreyValueCorruption):
    """Black and white lines of text anywhere; the strength is their number, a stronger one has the same and more.

    In a font that training's text never has.
    """

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        rows, columns = pixels.shape
        font = ImageFont.load_default(max(8.0, FONT_SHARE * rows))
        for number in range(int(strength)):
            line = (random.uniform(0, 0.8) * columns, random.uniform(0, 1 - FONT_SHARE) * rows, random_line(random))
            opacity = text_opacity(rows, columns, [line], font)
            pixels = pixels + opacity * (number % 2 - pixels)
        return pixels


class BurnedInGraphics(GreyValueCorruption):
    """Black and white electrocardiograms, lines and rulers; the strength is their number, as that of text."""

    def corrupt(self, pixels: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
        """See `GreyValueCorruption`."""
        rows, columns = pixels.shape
        for number in range(int(strength)):
            draw = electrocardiogram_opacity if number % 2 else graphics_opacity
            grey = (number + 1) // 2 % 2  # both kinds in both greys
            pixels = pixels + draw(rows, columns, random) * (grey - pixels)
        return pixels
