"""Probabilities that mean what they say: temperature scaling (Guo et al., ICML 2017)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from scipy.optimize import minimize_scalar
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from tqdm import tqdm

EVERY_THIRD = (..., slice(None, None, 3), slice(None, None, 3))  # neighbouring pixels tell much the same
HIGHEST = 20.0


@torch.no_grad()
def fit_temperature(network: nn.Module, samples: Iterable[Mapping[str, Any]]) -> float:
    """Find what the segmentation logits must be divided by for the least cross-entropy.

    Args:
        network: in evaluation mode.
        samples: frames that it was not trained on, with `image` and `mask` (1, H, W) on the network's grid.

    Returns:
        The temperature, above 1 where the network is surer than it is right.
    """
    device = next(network.parameters()).device
    logits, masks = [], []
    for sample in tqdm(samples, desc="calibrate", unit="frame", disable=None):
        found = network(torch.as_tensor(sample["image"])[None].to(device))["segmentation"][0]
        logits.append(found[EVERY_THIRD].flatten().cpu())
        masks.append(torch.as_tensor(sample["mask"])[EVERY_THIRD].flatten())
    logit, mask = torch.cat(logits), torch.cat(masks).float()

    def cross_entropy(logarithm: float) -> float:
        return float(binary_cross_entropy_with_logits(logit / math.exp(logarithm), mask))

    limit = math.log(HIGHEST)
    return math.exp(minimize_scalar(cross_entropy, bounds=(-limit, limit), method="bounded").x)


@torch.no_grad()
def divide_segmentation_logits(network: nn.Module, temperature: float) -> None:
    """Divide the segmentation logits of a network with `Heads` by a temperature, in its last convolution."""
    head = network.get_submodule("heads.outputs.segmentation")
    *_, last = (part for part in head.modules() if isinstance(part, nn.Conv2d))
    for parameter in last.parameters():
        parameter.div_(temperature)
