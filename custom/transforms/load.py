"""One frame of a datalist from disk."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from monai.data import MetaTensor
from monai.data.meta_obj import get_track_meta, set_track_meta
from monai.transforms import Transform

from custom.data.frame import Frame, SpacingPlane, check_spacing, file_spacing
from custom.data.reader import read_frame, read_mask
from custom.errors import InputError
from custom.values import is_number

UNKNOWN = (math.nan, math.nan)


class LoadFramed(Transform):
    """Reads the files that a datalist's entry names; only `image` has to be there.

    Afterwards `image` is (1, rows, columns) float32, `mask` (1, rows, columns) uint8 with 0 and 1,
    `pixel_spacing_mm` (2,) float32, row and column, from the entry or else from the file, NaN where neither knows it,
    and `spacing_plane` says where it holds ("" where unknown). `name` and `case` are made up where missing. A frame
    that has been read already comes as `decoded`.

    Args:
        pixel_spacing_mm: the spacing of every frame, whatever its file says: one number, or row and column.
        spacing_plane: the plane in which it holds, `detector` or `isocentre`.

    Raises:
        InputError: where the spacing is not positive, or one of the two is given without the other.
    """

    def __init__(
        self, pixel_spacing_mm: float | Sequence[float] | None = None, spacing_plane: SpacingPlane | None = None
    ) -> None:
        self.given = _given_spacing(pixel_spacing_mm, spacing_plane)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Load one entry.

        Raises:
            InputError: a file cannot be read, the mask has another size than the image, or the spacing of the file or
                the entry is impossible.
        """
        path, index = Path(data["image"]), data.get("frame")
        frame = data.get("decoded") or read_frame(path, index)
        spacing, plane = self._spacing(data, frame, path)
        result = {
            "name": path.name if index is None else f"{path.name}#{index}",
            "case": "",
            **data,
            "image": _image(frame, path),
            "pixel_spacing_mm": torch.tensor(spacing, dtype=torch.float32),
            "spacing_plane": plane,
        }
        result.pop("decoded", None)
        if data.get("mask") is not None:
            result["mask"] = _mask(data["mask"], frame)
        return result

    def _spacing(self, data: Mapping[str, Any], frame: Frame, path: Path) -> tuple[tuple[float, float], str]:
        own = _given_spacing(data.get("pixel_spacing_mm"), data.get("spacing_plane"))
        return self.given or own or (file_spacing(frame, source=path) or UNKNOWN, frame.spacing_plane or "")


def known_spacing(data: Mapping[str, Any]) -> tuple[tuple[float, float], str] | tuple[None, None]:
    """Row and column spacing in mm and its plane, with the digits that were given, as `LoadFramed` left them.

    Args:
        data: with `pixel_spacing_mm` (2,), NaN where unknown, and `spacing_plane`.
    """
    # By way of text: 0.3 in float32 is 0.30000001192092896 in float64.
    row_mm, column_mm = (float(str(np.float32(value))) for value in data["pixel_spacing_mm"])
    known = math.isfinite(row_mm) and math.isfinite(column_mm)
    return ((row_mm, column_mm), data["spacing_plane"]) if known else (None, None)


@contextmanager
def without_metadata() -> Iterator[None]:
    """Have `LoadFramed` give plain tensors: MONAI's metadata, which only MONAI Label asks for, takes 1 ms a frame."""
    tracked = get_track_meta()
    set_track_meta(False)
    try:
        yield
    finally:
        set_track_meta(tracked)


def _given_spacing(spacing: Any, plane: Any) -> tuple[tuple[float, float], str] | None:
    """Check a spacing and its plane, from options, a datalist or a request of MONAI Label; `None` where not given."""
    if (spacing is None) != (plane is None):
        missing = "spacing_plane" if plane is None else "pixel_spacing_mm"
        raise InputError("a spacing and its plane belong together", field=missing, expected="both, or neither")
    if plane not in (None, *get_args(SpacingPlane)):
        raise InputError("no such plane", field="spacing_plane", found=plane, expected="detector or isocentre")
    return None if spacing is None else (_row_and_column(spacing), plane)


def _row_and_column(spacing: Any) -> tuple[float, float]:
    values = spacing if isinstance(spacing, Sequence) else (spacing, spacing)
    if len(values) != 2 or not all(map(is_number, values)):
        raise InputError(
            "no spacing", field="pixel_spacing_mm", found=spacing, expected="a number of millimetres, or [row, column]"
        )
    return check_spacing((float(values[0]), float(values[1])), source="pixel_spacing_mm")


def _mask(path: str, frame: Frame) -> torch.Tensor:
    mask = read_mask(path)
    if mask.shape != frame.pixels.shape:
        expected = f"the image's (rows, columns) {frame.pixels.shape}"
        raise InputError("the mask has another size", source=path, found=mask.shape, expected=expected)
    return torch.from_numpy(mask)[None].to(torch.uint8)


def _image(frame: Frame, path: Path) -> torch.Tensor:
    pixels = torch.from_numpy(frame.pixels)[None]
    if not get_track_meta():
        return pixels
    return MetaTensor(pixels, meta={"filename_or_obj": str(path)})
