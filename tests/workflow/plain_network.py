"""A network without batch norm, whose samples do not know of each other; it may fail on one process."""

from __future__ import annotations

import os

import torch
from torch import nn
from torch.nn.functional import avg_pool2d


class PlainNetwork(nn.Module):
    """Three convolutions; `fail_on_rank` raises in the third training step there."""

    def __init__(self, head_stride: int = 2, fail_on_rank: int | None = None) -> None:
        super().__init__()
        self.head_stride = head_stride
        self.fail_on_rank = fail_on_rank
        self.steps = 0
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU())
        self.segmentation = nn.Conv2d(8, 1, 3, padding=1)
        self.heads = nn.Conv2d(8, 3, 3, padding=1)

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        self.steps += self.training
        if self.steps == 3 and self.fail_on_rank == int(os.environ.get("RANK", "0")):
            raise RuntimeError("made to fail")
        features = self.features(image)
        heads = self.heads(avg_pool2d(features, self.head_stride))
        return {"segmentation": self.segmentation(features), "center": heads[:, :1] - 2, "size": heads[:, 1:]}
