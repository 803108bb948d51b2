"""A network as converters and engines see it."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import nn

Logits = dict[str, torch.Tensor]
Runner = Callable[[torch.Tensor], Logits]
EXAMPLE_SHAPE = (1, 1, 64, 80)
OTHER_SHAPE = (1, 1, 128, 96)


class TupleOutputs(nn.Module):
    """A network with a tuple for its dict of outputs, which is all that converters take.

    Args:
        network: maps (B, 1, H, W) to a dict.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the outputs in the network's own order."""
        return tuple(self.network(image).values())


def plain_copy(network: nn.Module) -> nn.Module:
    """Copy a network onto the CPU as converters want it: for evaluation, float32, in the usual memory format."""
    duplicate = copy.deepcopy(network).cpu().float().eval()
    return duplicate.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]


def example_frame(shape: tuple[int, ...] = EXAMPLE_SHAPE) -> torch.Tensor:
    """Return noise in place of a normalised frame, always the same."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def output_names(network: nn.Module) -> list[str]:
    """Names of the outputs of a network on the CPU that is in evaluation mode, in its order."""
    with torch.no_grad():
        return list(network(example_frame()))
