"""Files of weights and of other states: read strictly, written as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from custom.errors import CatheterError, InputError
from custom.files import replacing
from custom.networks.weights import load_weights, read_weights
from custom.networks.weights_hash import forget_hash


def load_network(network: torch.nn.Module, path: str | Path) -> None:
    """Load a plain state dict into `network`, strictly.

    Raises:
        InputError: where the file cannot be read, or belongs to another network; the first keys that differ are named.
    """
    if not Path(path).exists():
        raise InputError(
            "there is no such file of weights",
            source=path,
            remedy="Train first (catheter train), or name another file with --weights",
        )
    load_weights(network, read_weights(path), source=path)


def save_weights(network: torch.nn.Module, path: str | Path, *, remedy: str = "try again") -> None:
    """Write a network's plain state dict, as a whole or not at all.

    Args:
        network: whose state is written.
        path: the file.
        remedy: what to do once there is room on a full disk.

    Raises:
        CatheterError: it cannot be written.
    """
    forget_hash(path)
    save_state(network.state_dict(), path, remedy=remedy)


def save_state(state: Mapping[str, Any], path: str | Path, *, remedy: str = "try again") -> None:
    """Write a dictionary of tensors, numbers and text, as a whole or not at all; see `save_weights`."""
    # An open file tells why it cannot be written, and its random name does not come into it.
    with written_whole(path, remedy=remedy) as temporary, temporary.open("wb") as file:
        torch.save(state, file)


@contextmanager
def written_whole(path: str | Path, *, remedy: str) -> Iterator[Path]:
    """Do what `replacing` does, for what PyTorch writes.

    Args:
        path: the final path.
        remedy: what to do once there is room on a full disk.

    Raises:
        CatheterError: it cannot be written.
    """
    try:
        with replacing(path) as temporary:
            yield temporary
    except (OSError, RuntimeError) as error:  # torch raises a RuntimeError while it handles that of the file
        reason = error.__context__ if isinstance(error.__context__, OSError) else error
        raise CatheterError(
            f"{path}: could not be written ({getattr(reason, 'strerror', None) or str(reason).splitlines()[0]}). "
            f"What was there before is untouched: make room, then {remedy}."
        ) from error
