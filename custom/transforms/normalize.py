"""One grey scale for all frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform
from monai.utils import convert_to_dst_type

from custom.errors import InputError


class NormalizeFramed(Transform):
    """Maps `image` linearly to [0, 1] between two of its own percentiles, alike in training and inference.

    Tails outside are clipped; they are kept short because electrodes are the darkest few pixels of a frame. A constant
    frame becomes zeros.

    Args:
        lower: percentile that becomes 0.
        upper: percentile that becomes 1.
    """

    def __init__(self, lower: float = 0.1, upper: float = 99.9) -> None:
        self.percentiles = (lower, upper)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Normalise `image` (1, rows, columns) to float32.

        Raises:
            InputError: a pixel is NaN or infinite.
        """
        pixels = np.asarray(data["image"], dtype=np.float32)
        if not np.isfinite(pixels).all():
            found = f"{np.count_nonzero(~np.isfinite(pixels))} pixels"
            raise InputError("the frame has pixels that are NaN or infinite", source=data.get("name"), found=found)
        low, high = map(float, np.percentile(pixels, self.percentiles))  # NumPy's own would make it float64
        if low == high:
            low, high = float(pixels.min()), float(pixels.max())
        pixels = ((pixels - low) / max(high - low, float(np.finfo(np.float32).tiny))).clip(0, 1)
        return {**data, "image": convert_to_dst_type(torch.from_numpy(pixels), data["image"], dtype=torch.float32)[0]}
