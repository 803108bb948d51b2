"""Labels of one frame as tensors of a fixed shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from monai.transforms import Transform
from scipy.ndimage import distance_transform_edt

from custom.data.datalist import BOX_KEYS
from custom.errors import InputError
from custom.tasks import DETECTION, SEGMENTATION, TASKS
from custom.values import is_number

BATCHED_KEYS = ("image", "mask", "sample_index", "pixel_spacing_mm", "spacing_plane", "case", "name")


class PrepareLabelsd(Transform):
    """Turns the datalist's labels into those of docs/design.md, from `mask` to `empty`.

    What a task does not annotate becomes zeros and is not `available`. Keys that a batch cannot carry, such as
    catheters, are dropped.

    Args:
        max_electrodes: N, the rows that `electrodes` is padded to.
        mask_margin_pixels: widens the mask by all pixels that are at most so far from it. Masks that people draw cover
            a device's whole shadow, blur included; simulated ones are its exact projection.

    Raises:
        InputError: where the margin is negative or no number.
    """

    def __init__(self, max_electrodes: int = 128, *, mask_margin_pixels: float = 0.0) -> None:
        if not (is_number(mask_margin_pixels) and mask_margin_pixels >= 0):
            raise InputError(
                "no margin",
                field="mask_margin_pixels",
                found=mask_margin_pixels,
                expected="a number of pixels, 0 or more",
            )
        self.max_electrodes = max_electrodes
        self.mask_margin_pixels = mask_margin_pixels

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Prepare a loaded frame.

        Raises:
            InputError: the frame has more than `max_electrodes` electrodes.
        """
        mask, electrodes = data.get("mask"), data.get("electrodes")
        available = {DETECTION: electrodes is not None, SEGMENTATION: mask is not None}
        boxes, valid = self._padded(electrodes or (), data.get("name"))
        result = {key: data[key] for key in BATCHED_KEYS if key in data}
        result["mask"] = torch.zeros(data["image"].shape, dtype=torch.uint8) if mask is None else self._widened(mask)
        result["electrodes"], result["electrode_valid"] = boxes, valid
        result["available"] = torch.tensor([available[task] for task in TASKS])
        empty = {DETECTION: not electrodes, SEGMENTATION: not result["mask"].any()}
        result["empty"] = torch.tensor([empty[task] for task in TASKS])
        return result

    def _widened(self, mask: torch.Tensor) -> torch.Tensor:
        if self.mask_margin_pixels == 0 or not mask.any():
            return mask
        distance = torch.from_numpy(distance_transform_edt(mask.cpu().numpy() == 0))
        return (distance <= self.mask_margin_pixels).to(mask)

    def _padded(self, electrodes: Sequence[Mapping[str, float]], name: str | None) -> tuple[torch.Tensor, torch.Tensor]:
        count = len(electrodes)
        if count > self.max_electrodes:
            raise InputError(
                "too many electrodes in a frame",
                source=name,
                field="electrodes",
                found=count,
                expected=f"at most {self.max_electrodes}",
                remedy="Raise max_electrodes",
            )
        boxes = torch.zeros(self.max_electrodes, 4)
        for row, electrode in enumerate(electrodes):
            boxes[row] = torch.tensor([electrode[key] for key in BOX_KEYS])
        return boxes, torch.arange(self.max_electrodes) < count
