"""Masks as other layouts store them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from custom.data.reader import read_labels
from custom.errors import InputError

HALF_OF_8_BITS = 128


def read_any_label(path: Path) -> np.ndarray:
    """Read a mask whose every label but 0 is foreground, whatever its channels.

    Returns:
        (rows, columns) bool.

    Raises:
        InputError: if the file is missing or broken.
    """
    return read_labels(path) != 0


def read_smeared_mask(path: Path) -> np.ndarray:
    """Read a mask that was a JPEG once: grey from half on is foreground.

    Returns:
        (rows, columns) bool.

    Raises:
        InputError: if the file is missing or broken.
    """
    pixels = read_labels(path)
    values = np.unique(pixels)
    if len(values) <= 2 and values[0] == 0:
        return pixels != 0
    return pixels >= HALF_OF_8_BITS


def read_label_mask(path: Path, foreground: set[int]) -> np.ndarray:
    """Read a mask of several labels as one class.

    Args:
        path: the file.
        foreground: the labels that count, of 0 to 9.

    Returns:
        (rows, columns) bool.

    Raises:
        InputError: if the file is missing or broken or holds other values.
    """
    labels = read_labels(path)
    others = sorted(set(np.unique(labels).tolist()) - set(range(10)))
    if others:
        raise InputError("wrong labels", source=path, found=others[:5], expected="whole numbers from 0 to 9")
    return np.isin(labels, list(foreground))
