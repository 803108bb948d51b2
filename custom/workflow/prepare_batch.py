"""From a collated batch to what network and loss want, on the training device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from monai.engines import PrepareBatch

Batch = dict[str, Any]


class PrepareCatheterBatch(PrepareBatch):
    """Moves a batch to the device, augments it there and adds the targets of the heads.

    Args:
        augmentation: maps a batch to a batch on its device; `None` leaves it as it is.
        targets: adds the heads' targets to a batch (`custom.transforms.HeadTargets`); `None` for evaluation.
    """

    def __init__(
        self,
        augmentation: Callable[[Batch], Batch] | None = None,
        targets: Callable[[Batch], Batch] | None = None,
    ) -> None:
        self.augmentation = augmentation
        self.targets = targets

    def __call__(
        self,
        batchdata: Batch,
        device: str | torch.device | None = None,
        non_blocking: bool = False,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, Batch]:
        """Return the image (B, 1, H, W), channels last in memory, and the label: everything else of the batch."""
        batch = {
            key: value.to(device=device, non_blocking=non_blocking) if isinstance(value, torch.Tensor) else value
            for key, value in batchdata.items()
        }
        for step in (self.augmentation, self.targets):
            if step is not None:
                batch = step(batch)
        # KPIs, and checkpoints with them, are made of these: they hold tensors alone, not MONAI's with their metadata.
        batch = {
            key: value.as_subclass(torch.Tensor) if isinstance(value, torch.Tensor) else value
            for key, value in batch.items()
        }
        image = batch.pop("image").contiguous(memory_format=torch.channels_last)
        return image, batch
