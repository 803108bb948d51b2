"""Starting a network from the weights of another task (paper, section 3.1: three stages of training)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from torch import nn

from custom.errors import InputError
from custom.networks.weights import NAMED_DIFFERENCES, Weights, WeightsComparison, compare_weights

ENCODER = "encoder"


def transfer_weights(network: nn.Module, weights: Weights, *, source: str | Path) -> WeightsComparison:
    """Load those weights that `network` has under the same name and shape; everything else stays as it is.

    Args:
        network: a `CatheterNet`.
        weights: the state dict of one that was trained before, with other heads or another decoder, say.
        source: where they came from, for the message.

    Returns:
        What was taken and what was not; see `describe_transfer`.

    Raises:
        InputError: where not even the whole encoder fits; the first differences are named.
    """
    comparison = compare_weights(network, weights)
    misfits = [difference for difference in comparison.differences if difference.startswith(f"{ENCODER}.")]
    if misfits or not comparison.fitting:
        first = "; ".join((misfits or comparison.differences)[:NAMED_DIFFERENCES])
        raise InputError(
            f"the encoder of these weights does not fit: {first} ({len(misfits)} differences)",
            source=source,
            field="pretrained_weights",
            remedy="Use the network_def that they were trained with (overrides such as lite); "
            "a file that holds only an encoder goes to network_def#pretrained",
        )
    network.load_state_dict({key: weights[key] for key in comparison.fitting}, strict=False)
    return comparison


def describe_transfer(comparison: WeightsComparison) -> list[str]:
    """Say in a few lines what a network took and what it did not, by its parts."""
    total = len(comparison.fitting) + len(comparison.missing) + len(comparison.reshaped)
    lines = [f"took {len(comparison.fitting)} of {total} tensors: {_by_part(comparison.fitting)}"]
    if comparison.missing:
        lines.append(f"not taken, as the file does not have them: {_by_part(comparison.missing)}")
    if comparison.reshaped:
        lines.append(f"not taken, as their shapes differ: {_by_part(comparison.reshaped)}")
        lines += [f"  {key}: {tuple(a)} in the file, {tuple(b)} here" for key, (a, b) in comparison.reshaped.items()]
    if comparison.unknown:
        lines.append(f"left in the file, as this network does not have them: {_by_part(comparison.unknown)}")
    return lines


def _by_part(keys: Iterable[str]) -> str:
    return ", ".join(f"{part} ({count})" for part, count in Counter(map(_part, keys)).items())


def _part(key: str) -> str:
    parts = key.split(".")
    if parts[:2] == ["heads", "outputs"]:
        return f"head {parts[2]}"
    return "trunk of the heads" if parts[0] == "heads" else parts[0]
