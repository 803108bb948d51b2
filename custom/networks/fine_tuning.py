"""Training on with a part of a network."""

from __future__ import annotations

from torch import nn

from custom.networks.catheter_net import CatheterNet


def all_but_encoder_convolutions(network: CatheterNet) -> list[nn.Parameter]:
    """Return the parameters to train where the trunk's filters shall stay as they are, and switch off those' gradients.

    What scales and shifts the trunk's features is among the parameters, so that it can adapt to other frames.
    """
    filters = [module for module in network.encoder.modules() if isinstance(module, nn.Conv2d)]
    for module in filters:
        module.requires_grad_(False)
    return [parameter for parameter in network.parameters() if parameter.requires_grad]
