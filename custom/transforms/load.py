"""One frame of a datalist from disk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from monai.data import MetaTensor
from monai.data.meta_obj import get_track_meta
from monai.transforms import Transform

from custom.data.frame import Frame
from custom.data.reader import read_frame, read_mask


class LoadFramed(Transform):
    """Reads the files that a datalist's entry names; only `image` has to be there.

    Afterwards `image` is (1, rows, columns) float32, `mask` (1, rows, columns) uint8 with 0 and 1,
    `pixel_spacing_mm` (2,) float32, row and column, from the entry or else from the file, NaN where neither knows it,
    and `spacing_plane` says where it holds ("" where unknown). `name` and `case` are made up where missing.
    """

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Load one entry.

        Raises:
            InputError: a file cannot be read.
        """
        path, index = Path(data["image"]), data.get("frame")
        frame = read_frame(path, index)
        spacing, plane = _spacing(data, frame)
        result = {
            "name": path.name if index is None else f"{path.name}#{index}",
            "case": "",
            **data,
            "image": _image(frame, path),
            "pixel_spacing_mm": torch.tensor(spacing, dtype=torch.float32),
            "spacing_plane": plane,
        }
        if data.get("mask") is not None:
            result["mask"] = torch.from_numpy(read_mask(data["mask"]))[None].to(torch.uint8)
        return result


def _spacing(data: Mapping[str, Any], frame: Frame) -> tuple[tuple[float, float], str]:
    row, column = data.get("pixel_spacing_mm") or (math.nan, math.nan)
    if math.isfinite(row):
        return (row, column), data.get("spacing_plane") or ""
    return frame.pixel_spacing_mm or (math.nan, math.nan), frame.spacing_plane or ""


def _image(frame: Frame, path: Path) -> torch.Tensor:
    pixels = torch.from_numpy(frame.pixels)[None]
    if not get_track_meta():
        return pixels
    return MetaTensor(pixels, meta={"filename_or_obj": str(path)})
