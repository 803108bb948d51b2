"""What the corruptions look like."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from custom.files import replacing
from custom.robustness.transform import LEVELS, CorruptFramed
from custom.transforms.load import LoadFramed
from custom.visualization.overlay import ELECTRODE_COLOR, FOUND_COLOR
from custom.visualization.palette import hexadecimal

TILE_INCHES = 2.4


def write_picture(path: Path, corruption: CorruptFramed, entries: Sequence[dict[str, Any]]) -> Path:
    """Write a grid of one frame: a row a corruption, a column a strength, with its labels.

    Args:
        path: of the PNG.
        corruption: makes the pictures.
        entries: of the datalist; the one with the most electrodes is shown.
    """
    index = max(range(len(entries)), key=lambda number: len(entries[number]["electrodes"] or ()))
    loaded = LoadFramed()({**entries[index], "sample_index": index})
    columns = max(len(item.strengths) for item in corruption.corruptions.values())
    rows = len(corruption.corruptions)
    figure = Figure(figsize=(TILE_INCHES * columns, (TILE_INCHES + 0.25) * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    for axis in grid.flat:
        axis.axis("off")
    for axes, (name, item) in zip(grid, corruption.corruptions.items(), strict=True):
        for axis, strength in zip(axes, item.strengths, strict=False):
            corruption.select(name, strength)
            _draw(axis, corruption(loaded), f"{name} {strength:g}")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=100)
    return path


def _draw(axis: Axes, data: dict[str, Any], title: str) -> None:
    axis.imshow(np.asarray(data["image"])[0], cmap="gray", vmin=0, vmax=LEVELS, interpolation="nearest")
    axis.set_title(title, fontsize=9)
    mask = data.get("mask")
    if mask is not None and np.any(np.asarray(mask)):
        axis.contour(np.asarray(mask)[0], [0.5], colors=hexadecimal(FOUND_COLOR), linewidths=0.3)
    color = hexadecimal(ELECTRODE_COLOR)
    for electrode in data.get("electrodes") or ():
        axis.plot(electrode["x"], electrode["y"], "o", markersize=3, fillstyle="none", color=color, mew=0.5)
