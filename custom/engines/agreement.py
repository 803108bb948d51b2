"""Whether an engine says the same as the network in PyTorch."""

from __future__ import annotations

import torch
from torch import nn

from custom.engines.outputs import OTHER_SHAPE, Logits, Runner, example_frame

LOGIT_TOLERANCE = 1e-4
DISTANCE = "feature_distance"


def largest_difference(found: Logits, expected: Logits) -> float:
    """Largest difference of any output, of `feature_distance` the relative one.

    Infinity where an output is missing, has another shape, or is NaN in one of them only.
    """
    if found.keys() != expected.keys():
        return float("inf")
    return max(_difference(_plain(found[name]), _plain(expected[name]), name) for name in expected)


def _plain(values: torch.Tensor) -> torch.Tensor:
    return values.detach().cpu().float()


def _difference(found: torch.Tensor, expected: torch.Tensor, name: str) -> float:
    if not torch.equal(found.isnan(), expected.isnan()):  # nor are tensors of different shapes
        return float("inf")
    difference = (found - expected).abs().nan_to_num(posinf=float("inf"))
    if name == DISTANCE:  # it has no upper end
        difference = difference / expected.abs().nan_to_num().clamp(min=1)
    return float(difference.max())


def agrees(runner: Runner, network: nn.Module) -> bool:
    """Whether both give the same logits, to 1e-4, for small frames on the CPU; `network` is in evaluation mode.

    One has the size that converters trace, the other shows whether they took that size for the only one.
    """
    images = example_frame(), example_frame(OTHER_SHAPE)
    with torch.no_grad():
        return all(largest_difference(runner(image), network(image)) <= LOGIT_TOLERANCE for image in images)
