"""What the network of a training run starts from."""

from __future__ import annotations

import logging
from pathlib import Path

from torch import nn

from custom.errors import InputError
from custom.networks.transfer import describe_transfer, transfer_weights
from custom.networks.weights import read_weights
from custom.workflow.weights_file import load_network


def start_network(
    network: nn.Module, *, weights: str | Path | None = None, pretrained_weights: str | Path | None = None
) -> None:
    """Load what a run starts from; with neither file the network stays as it was initialised.

    Args:
        network: receives the weights.
        weights: of the same network; every tensor must fit.
        pretrained_weights: of a network that was trained on another task. Its encoder must fit and so much of the rest
            is taken as does; the log says what was taken and what was not.

    Raises:
        InputError: where a file cannot be read or does not fit, or both are given.
    """
    if weights is not None and pretrained_weights is not None:
        raise InputError("give either weights or pretrained_weights", field="pretrained_weights")
    if weights is not None:
        load_network(network, weights)
    if pretrained_weights is not None:
        comparison = transfer_weights(network, read_weights(pretrained_weights), source=pretrained_weights)
        logger = logging.getLogger("catheter.train")
        logger.info(f"starting from {pretrained_weights}")
        for line in describe_transfer(comparison):
            logger.info(line)
