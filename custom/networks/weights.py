"""Reading and loading weights, strictly."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from custom.errors import InputError

Weights = Mapping[str, torch.Tensor]
NAMED_DIFFERENCES = 3


def read_weights(path: str | Path) -> Weights:
    """Read a state dict that `torch.save` wrote, onto the CPU.

    Raises:
        InputError: where the file is missing, damaged, or holds other objects than tensors and numbers.
    """
    if not Path(path).is_file():
        raise InputError("there is no such file of weights", source=path)
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            "the file is damaged, or holds objects other than tensors and numbers; it was not loaded", source=path
        ) from error
    except (RuntimeError, EOFError, ValueError, OSError) as error:
        raise InputError(f"the file is damaged and cannot be loaded ({error})", source=path) from error
    if not isinstance(weights, Mapping):
        raise InputError("the file holds no state dict", source=path, found=type(weights).__name__)
    return weights


def load_weights(module: nn.Module, weights: Weights, *, source: str | Path) -> None:
    """Load a state dict into `module`, strictly.

    Args:
        module: what receives the weights.
        weights: the state dict.
        source: where they came from, for the message.

    Raises:
        InputError: where keys or shapes differ; the first ones are named.
    """
    differences = _differences(module.state_dict(), weights)
    if differences:
        first = "; ".join(differences[:NAMED_DIFFERENCES])
        raise InputError(
            f"the weights belong to another network: {first} ({len(differences)} differences)",
            source=source,
            remedy="Use the network settings that they were trained with",
        )
    module.load_state_dict(weights)


def _differences(expected: Weights, weights: Weights) -> list[str]:
    # Batch norm counts its batches only to average over all of them, and older files have no such count.
    missing = [key for key in expected if key not in weights and not key.endswith("num_batches_tracked")]
    reshaped = [key for key in expected if key in weights and weights[key].shape != expected[key].shape]
    return [
        *(f"{key} is missing" for key in missing),
        *(f"{key} is not part of this network" for key in weights if key not in expected),
        *(f"{key} is {tuple(weights[key].shape)} instead of {tuple(expected[key].shape)}" for key in reshaped),
    ]
