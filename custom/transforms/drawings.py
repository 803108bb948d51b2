"""White lines that a workstation drew into the pixels of a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform
from monai.utils import convert_to_dst_type
from scipy.ndimage import map_coordinates
from skimage.measure import block_reduce
from skimage.morphology import remove_small_objects

from custom.postprocessing.mask_pieces import widened

BRIGHTEST, BRIGHT, DARKER = 0.03, 0.1, 0.2  # share of the frame's greys below its brightest
LEAST_SIZE = 1 / 7  # pixels of a line, as a share of the longer side: strokes of letters and noise have fewer
WIDEST, LEAST_WIDEST = 1 / 100, 3  # of a line, as a share of the longer side; pixels
AROUND = 8  # half widths of the widest line: between two devices a bright field is seen as a line
LEAST_OF_THIN = 0.6  # share of all that is thin and bright: where edges were enhanced, that is mostly in short pieces
MOST_DRAWN, LEAST_KEPT = 0.05, 0.1  # share of a frame; of a cell whose mean is told


class EraseDrawingsd(Transform):
    """Erases lines that are drawn into a frame in its brightest grey; comes before `NormalizeFramed`.

    Those of electrocardiograms, rulers and regions are longer and thinner than what X-rays leave bright, and the
    network would take part of them for wires. Dark lines look like wires, and stay, as do letters.
    """

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Fill lines in `image` (1, rows, columns) with the mean grey around them."""
        pixels = np.asarray(data["image"], dtype=np.float32)[0]
        drawn = white_lines(pixels)
        if not drawn.any():
            return dict(data)
        filled = torch.from_numpy(_filled(pixels, drawn, cell=8 * _reach(pixels)))[None]
        return {**data, "image": convert_to_dst_type(filled, data["image"])[0]}


def white_lines(pixels: np.ndarray) -> np.ndarray:
    """Where long thin lines have the brightest grey of a frame, far from where that is the grey of a field.

    Args:
        pixels: (rows, columns).

    Returns:
        (rows, columns) bool, with a margin for blurred edges; nothing where that would be much of the frame, or little
        of what is thin and bright. Lines may be as wide as a hundredth of the longer side, and have at least a seventh
        of its pixels.
    """
    low, high, reach = float(pixels.min()), float(pixels.max()), _reach(pixels)
    least = round(LEAST_SIZE * max(pixels.shape))
    thin = pixels >= high - BRIGHTEST * (high - low)
    for share, around in ((DARKER, 0), (BRIGHT, AROUND * reach)):
        if np.count_nonzero(thin) < least:
            return np.zeros_like(thin)
        thin &= ~widened(_opened(pixels >= high - share * (high - low), reach), around)
    lines = remove_small_objects(thin, max_size=least - 1, connectivity=2)
    drawn = widened(lines, max(1, reach // 2))
    credible = lines.sum() >= LEAST_OF_THIN * thin.sum() and drawn.sum() <= MOST_DRAWN * drawn.size
    return drawn if credible else np.zeros_like(drawn)


def _reach(pixels: np.ndarray) -> int:
    """Half the width of the widest line."""
    return max(LEAST_WIDEST, round(max(pixels.shape) * WIDEST)) // 2


def _opened(mask: np.ndarray, reach: int) -> np.ndarray:
    """What squares of `2 reach + 1` pixels cover that fit into a mask; scipy's opening takes thirty times as long."""
    around = widened(np.pad(~mask, reach, constant_values=True), reach)
    return widened(~around, reach)[reach:-reach, reach:-reach]


def _filled(pixels: np.ndarray, drawn: np.ndarray, cell: int) -> np.ndarray:
    """Fill lines with the means of cells of so many pixels around them, or of larger ones where lines lie close."""
    places = np.unravel_index(np.flatnonzero(drawn), drawn.shape)
    on_cells = (np.stack(places) + 0.5) / cell - 0.5
    total, kept = (
        map_coordinates(block_reduce(values, cell, np.sum), on_cells, order=1, mode="nearest")
        for values in (np.where(drawn, np.float32(0), pixels), (~drawn).astype(np.float32))
    )
    known = kept > LEAST_KEPT * min(cell**2, drawn.size)
    at_known = tuple(axis[known] for axis in places)
    filled, left = pixels.copy(), drawn.copy()
    filled[at_known], left[at_known] = total[known] / kept[known], False
    return _filled(filled, left, 2 * cell) if left.any() else filled
