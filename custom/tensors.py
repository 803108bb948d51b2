"""Predictions and labels of a frame or a batch."""

from __future__ import annotations

from collections.abc import Mapping

import torch

Tensors = Mapping[str, torch.Tensor]  # `pred` or `label`, by the names in docs/design.md
