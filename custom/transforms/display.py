"""What workstations and exports do to frames before anybody gets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import torch
from kornia.filters import bilateral_blur, gaussian_blur2d
from PIL import ImageFont

from custom.transforms.burned_in import electrocardiogram_opacity, graphics_opacity, random_line, text_opacity
from custom.transforms.checks import Range
from custom.transforms.draws import happens, uniform

DENOISING_KERNEL = 7
DENOISING_REACH = (1.0, 2.5)  # pixels
SHARPENING_KERNEL = 25
SHARPENING_REACH = (1.0, 5.0)  # pixels; details finer than this are enhanced
LINES = (1, 8)
FONT_SIZE = (8, 22)
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONT_NAMES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSerif.ttf", "STIXGeneral.ttf")
LINE_SPACING = 1.2  # font sizes
BLACK_SHARE, GREY_SHARE = 0.3, 0.2  # of what is drawn; the rest is white


def denoised(image: torch.Tensor, probability: float, deviation: Range) -> torch.Tensor:
    """Noise reduction that keeps edges, by a bilateral filter.

    Args:
        image: (B, 1, H, W), in [0, 1].
        probability: of it in a frame.
        deviation: smallest and largest difference of grey values that counts as noise.

    Returns:
        (B, 1, H, W).
    """
    return _on_some(image, probability, DENOISING_REACH, deviation, _bilateral)


def sharpened(image: torch.Tensor, probability: float, amount: Range) -> torch.Tensor:
    """Edge enhancement by an unsharp mask.

    Args:
        image: (B, 1, H, W), in [0, 1].
        probability: of it in a frame.
        amount: smallest and largest multiple of the details that is added.

    Returns:
        (B, 1, H, W), in [0, 1] where it happened.
    """
    return _on_some(image, probability, SHARPENING_REACH, amount, _unsharp)


def _on_some(
    image: torch.Tensor, probability: float, reach: Range, strength: Range, effect: Callable[..., torch.Tensor]
) -> torch.Tensor:
    if probability == 0:
        return image  # and no random number drawn, so that the others are those of a training without it
    frames = happens(image, probability)[:, 0].bool()
    reaches, strengths = uniform(image, 1, *reach)[frames], uniform(image, 1, *strength)[frames, 0]
    if not frames.any():
        return image
    changed = effect(image[frames], reaches.expand(-1, 2), strengths)
    return image.masked_scatter(frames[:, None, None, None], changed)


def _bilateral(image: torch.Tensor, reach: torch.Tensor, deviation: torch.Tensor) -> torch.Tensor:
    return bilateral_blur(image, (DENOISING_KERNEL, DENOISING_KERNEL), deviation, reach)


def _unsharp(image: torch.Tensor, reach: torch.Tensor, amount: torch.Tensor) -> torch.Tensor:
    details = image - gaussian_blur2d(image, (SHARPENING_KERNEL, SHARPENING_KERNEL), reach)
    return (image + amount[:, None, None, None] * details).clamp(0, 1)


def with_text(image: torch.Tensor, probability: float) -> torch.Tensor:
    """Lines of text burned into the pixels, white, black or grey.

    Args:
        image: (B, 1, H, W), in [0, 1].
        probability: of text in a frame.

    Returns:
        (B, 1, H, W).
    """
    return _with_drawings(image, probability, _block_of_text)


def with_graphics(image: torch.Tensor, probability: float) -> torch.Tensor:
    """An electrocardiogram, or lines and rulers, burned into the pixels, white, black or grey.

    Args:
        image: (B, 1, H, W), in [0, 1].
        probability: of one of them in a frame.

    Returns:
        (B, 1, H, W).
    """
    image = _with_drawings(image, probability / 2, electrocardiogram_opacity)
    return _with_drawings(image, probability / 2, graphics_opacity)


def _with_drawings(image: torch.Tensor, probability: float, opacity: Callable[..., np.ndarray]) -> torch.Tensor:
    if probability == 0:
        return image
    random = np.random.default_rng(int(torch.randint(2**63 - 1, ())))
    drawn = [frame for frame in range(len(image)) if random.random() < probability]
    if not drawn:
        return image
    image = image.clone()
    rows, columns = image.shape[-2:]
    for frame in drawn:
        covered = torch.from_numpy(opacity(rows, columns, random)).to(image)
        image[frame, 0] += covered * (_grey(random) - image[frame, 0])
    return image


def _block_of_text(rows: int, columns: int, random: np.random.Generator) -> np.ndarray:
    size = int(random.integers(*FONT_SIZE, endpoint=True))
    font = ImageFont.truetype(FONTS / random.choice(FONT_NAMES), size)
    left, top = random.uniform(-0.2, 0.9) * columns, random.uniform(0, 1) * rows
    lines = range(random.integers(*LINES, endpoint=True))
    block = [(left, top + LINE_SPACING * size * line, random_line(random)) for line in lines]
    return text_opacity(rows, columns, block, font)


def _grey(random: np.random.Generator) -> float:
    kind = random.random()
    if kind < BLACK_SHARE:
        return 0.0
    return random.random() if kind < BLACK_SHARE + GREY_SHARE else 1.0
