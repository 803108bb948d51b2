"""A random part of a frame, for training at the frame's own sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from monai.transforms import RandomizableTrait, Transform
from torch.nn.functional import pad

from custom.transforms.fit import network_size
from custom.transforms.geometry import inside_frame

IMAGES = ("image", "mask")


class RandomCropd(Transform, RandomizableTrait):
    """Cuts the same random window out of `image` and `mask`, and moves `electrodes` and `geometry` with it.

    Electrodes outside become invalid. A frame smaller than the window is padded with zeros below and to the right.
    Seeded by `torch.manual_seed`.

    Args:
        size: rows and columns of the window, multiples of 16.

    Raises:
        InputError: where the size is no network size.
    """

    def __init__(self, size: Sequence[int] = (256, 256)) -> None:
        self.size = network_size(size)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Crop a frame as `FitToNetworkd` gives it."""
        rows, columns = self.size
        room = [max(0, length - wanted) for length, wanted in zip(data["image"].shape[-2:], self.size, strict=True)]
        top, left = (int(torch.randint(length + 1, ())) for length in room)
        images = {key: _window(data[key], top, left, rows, columns) for key in IMAGES}
        electrodes = data["electrodes"] - data["electrodes"].new_tensor([left, top, 0, 0])
        valid = data["electrode_valid"] & inside_frame(electrodes, rows, columns)
        geometry = data["geometry"] - data["geometry"].new_tensor([0, 0, 0, top, left])
        electrodes = electrodes.where(valid[:, None], 0.0)
        return {**data, **images, "electrodes": electrodes, "electrode_valid": valid, "geometry": geometry}


def _window(image: torch.Tensor, top: int, left: int, rows: int, columns: int) -> torch.Tensor:
    below, right = max(0, rows - image.shape[-2]), max(0, columns - image.shape[-1])
    return pad(image, (0, right, 0, below))[..., top : top + rows, left : left + columns]
