"""Reading weights safely, and loading them strictly."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from custom.errors import InputError
from custom.networks.feature_distance import PREFIX
from custom.networks.weights_hash import check_hash

Weights = Mapping[str, torch.Tensor]
NAMED_DIFFERENCES = 3


@dataclass(frozen=True)
class WeightsComparison:
    """How a file of weights compares with a network.

    Attributes:
        fitting: keys that both have, of one shape.
        missing: keys that only the network has.
        unknown: keys that only the file has.
        reshaped: keys that both have, with the file's shape and the network's.
    """

    fitting: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    reshaped: Mapping[str, tuple[torch.Size, torch.Size]]

    @property
    def differences(self) -> list[str]:
        """What keeps the file from fitting, a phrase each."""
        return [
            *(f"{key} is missing" for key in self.missing if not _may_be_missing(key)),
            *(f"{key} is not part of this network" for key in self.unknown),
            *(f"{key} is {tuple(found)} instead of {tuple(here)}" for key, (found, here) in self.reshaped.items()),
        ]


def _may_be_missing(key: str) -> bool:
    # Batch norm counts its batches only to average over all of them, and older files have no such count.
    return key.endswith("num_batches_tracked") or key.startswith(PREFIX)


def compare_weights(module: nn.Module, weights: Weights) -> WeightsComparison:
    """Hold a state dict against the one that `module` has."""
    expected = module.state_dict()
    common = [key for key in expected if key in weights]
    return WeightsComparison(
        fitting=tuple(key for key in common if weights[key].shape == expected[key].shape),
        missing=tuple(key for key in expected if key not in weights),
        unknown=tuple(key for key in weights if key not in expected),
        reshaped={
            key: (weights[key].shape, expected[key].shape)
            for key in common
            if weights[key].shape != expected[key].shape
        },
    )


def read_checkpoint(path: str | Path) -> Mapping[str, Any]:
    """Read a dictionary of tensors, numbers and text that `torch.save` wrote, onto the CPU; no code in it is run.

    Raises:
        InputError: where the file is missing, damaged, not what its SHA-256 says, or holds other objects.
    """
    if Path(path).is_dir():
        raise InputError("this is a folder, not a file of weights", source=path)
    if not Path(path).is_file():
        raise InputError("there is no such file of weights", source=path)
    check_hash(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", source=path) from error
    except pickle.UnpicklingError as error:
        raise InputError(
            "the file is damaged, or holds objects other than tensors and numbers; it was not loaded", source=path
        ) from error
    except Exception as error:  # damaged bytes make the unpickler raise nearly anything
        reason = str(error).partition("\n")[0]
        raise InputError(f"the file is damaged and cannot be loaded ({reason})", source=path) from error
    if not isinstance(content, Mapping):
        raise InputError("the file holds no state dict", source=path, found=type(content).__name__)
    return content


def read_weights(path: str | Path) -> Weights:
    """Read a plain state dict that `torch.save` wrote, onto the CPU.

    Raises:
        InputError: as `read_checkpoint`, and where the file holds anything but tensors by name.
    """
    weights = read_checkpoint(path)
    for key, value in weights.items():
        if not isinstance(key, str) or not isinstance(value, torch.Tensor):
            raise InputError(
                "the file holds no plain state dict",
                source=path,
                field=str(key),
                found=type(value).__name__,
                expected="a tensor",
                remedy="Of a training run, name OUTPUT/model.pt; its checkpoint only serves to resume",
            )
    return weights


def load_weights(module: nn.Module, weights: Weights, *, source: str | Path) -> None:
    """Load a state dict into `module`, strictly.

    Args:
        module: what receives the weights.
        weights: the state dict.
        source: where they came from, for the message.

    Raises:
        InputError: where keys or shapes differ, or weights are no numbers; the first ones are named.
    """
    differences = compare_weights(module, weights).differences
    if differences:
        first = "; ".join(differences[:NAMED_DIFFERENCES])
        raise InputError(
            f"the weights belong to another network: {first} ({len(differences)} differences)",
            source=source,
            remedy="Use the network settings that they were trained with",
        )
    spoilt = first_not_finite(module, weights)
    if spoilt is not None:
        raise InputError(
            "the weights are not finite: nothing would be found with them",
            source=source,
            field=spoilt,
            remedy="Use those of another epoch, or train anew with a lower learning_rate",
        )
    module.load_state_dict(weights)


def first_not_finite(module: nn.Module, weights: Weights) -> str | None:
    """Name the first of a module's parameters that is NaN or infinite in `weights`, or return `None`."""
    # Not the buffers: a network may have infinite ones on purpose.
    names = (name for name, _ in module.named_parameters())
    return next((name for name in names if not bool(torch.isfinite(weights[name]).all())), None)
