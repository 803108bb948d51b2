"""Labels of one frame as tensors of a fixed shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from monai.transforms import Transform

from custom.errors import InputError
from custom.tasks import DETECTION, SEGMENTATION, TASKS

BATCHED_KEYS = ("image", "mask", "sample_index", "pixel_spacing_mm", "spacing_plane", "case", "name")


class PrepareLabelsd(Transform):
    """Turns the datalist's labels into `mask`, `electrodes`, `electrode_valid` and `available` of docs/design.md.

    What a task does not annotate becomes zeros and is not `available`. Keys that a batch cannot carry, such as
    catheters, are dropped.

    Args:
        max_electrodes: N, the rows that `electrodes` is padded to.
    """

    def __init__(self, max_electrodes: int = 128) -> None:
        self.max_electrodes = max_electrodes

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Prepare a loaded frame.

        Raises:
            InputError: the frame has more than `max_electrodes` electrodes.
        """
        mask, electrodes = data.get("mask"), data.get("electrodes")
        available = {DETECTION: electrodes is not None, SEGMENTATION: mask is not None}
        boxes, valid = self._padded(electrodes or (), data.get("name"))
        result = {key: data[key] for key in BATCHED_KEYS if key in data}
        result["mask"] = torch.zeros(data["image"].shape, dtype=torch.uint8) if mask is None else mask
        result["electrodes"], result["electrode_valid"] = boxes, valid
        result["available"] = torch.tensor([available[task] for task in TASKS])
        return result

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
            boxes[row] = torch.tensor([electrode[field] for field in ("x", "y", "width", "height")])
        return boxes, torch.arange(self.max_electrodes) < count
