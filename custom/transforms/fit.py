"""A frame on the network's grid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform
from monai.utils import convert_to_dst_type, convert_to_tensor
from skimage.morphology import skeletonize

from custom.errors import InputError
from custom.transforms.geometry import FrameGeometry

NETWORK_STRIDE = 16


class FitToNetworkd(Transform):
    """Scales a frame with its aspect kept, centres and pads it; labels that are there follow, `geometry` says how.

    Args:
        size: rows and columns of the network's input, multiples of 16; `None` keeps the frame's own sampling and only
            pads to the next multiples of 16.
        keep_original_mask: keep the mask of the original grid as `mask_original`, for evaluation.
    """

    def __init__(self, size: Sequence[int] | None = (256, 256), keep_original_mask: bool = False) -> None:
        if size is not None and (len(size) != 2 or any(length <= 0 or length % NETWORK_STRIDE for length in size)):
            raise InputError("not a network size", field="size", found=size, expected="two multiples of 16")
        self.size = None if size is None else (int(size[0]), int(size[1]))
        self.keep_original_mask = keep_original_mask

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Fit `image` (1, rows, columns) and, where present, `mask` and `electrodes`; add `geometry`."""
        image = convert_to_tensor(data["image"], dtype=torch.float32, track_meta=False)
        geometry, size = self._place(*image.shape[-2:])
        result = {**data, "geometry": geometry.to_tensor()}
        result["image"] = convert_to_dst_type(geometry.image_to_network(image, size), data["image"])[0]
        if data.get("mask") is not None:
            mask = convert_to_tensor(data["mask"], track_meta=False) > 0
            result["mask"] = fit_mask(mask, geometry, size).float()
            if self.keep_original_mask:
                result["mask_original"] = mask.to(torch.uint8)
        if "electrode_valid" in data:
            fitted = geometry.to_network(data["electrodes"])
            result["electrodes"] = fitted.where(data["electrode_valid"][:, None], 0.0)
        return result

    def _place(self, rows: int, columns: int) -> tuple[FrameGeometry, tuple[int, int]]:
        if self.size is not None:
            return FrameGeometry.fit(rows, columns, self.size), self.size
        size = (_next_multiple(rows), _next_multiple(columns))
        return FrameGeometry.pad(rows, columns, size), size


def fit_mask(mask: torch.Tensor, geometry: FrameGeometry, size: tuple[int, int]) -> torch.Tensor:
    """Carry a bool mask (1, rows, columns) to the network's grid: pixels that it covers by half, plus its centreline.

    A guidewire is thinner than a pixel after down-scaling and would break up or vanish by coverage alone.

    Returns:
        (1, *size) bool.
    """
    fitted = geometry.image_to_network(mask.float(), size) >= 0.5
    if geometry.scale < 1:
        rows, columns = np.nonzero(skeletonize(mask[0].cpu().numpy()))
        points = geometry.to_network(torch.from_numpy(np.stack([columns, rows], axis=-1)).double())
        x, y = points.round().long().unbind(-1)
        fitted[0, y, x] = True
    return fitted


def _next_multiple(length: int) -> int:
    return math.ceil(length / NETWORK_STRIDE) * NETWORK_STRIDE
