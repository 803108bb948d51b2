"""Masks as other layouts store them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from custom.data.reader import read_labels
from custom.errors import InputError

HALF_OF_8_BITS = 128
START_OF_JPEG = b"\xff\xd8\xff"


def read_any_label(path: Path) -> np.ndarray:
    """Read a mask whose every label but 0 is foreground, whatever its channels; of a JPEG, grey from half on is.

    Returns:
        (rows, columns) bool.

    Raises:
        InputError: if the file is missing or broken, or a JPEG holds labels, which smear into each other.
    """
    pixels = read_labels(path)
    if not _is_jpeg(path):
        return pixels != 0
    if 0 < pixels.max() < HALF_OF_8_BITS:
        raise InputError(
            "the labels of a JPEG cannot be told from its smear",
            source=path,
            found=f"grey up to {pixels.max():g}",
            expected=f"foreground of {HALF_OF_8_BITS} or more",
            remedy="Store masks without loss, for example as PNG",
        )
    return pixels >= HALF_OF_8_BITS


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


def _is_jpeg(path: Path) -> bool:
    """Tell by its content whether a file is a JPEG; some have another suffix."""
    with path.open("rb") as file:
        return file.read(len(START_OF_JPEG)) == START_OF_JPEG
