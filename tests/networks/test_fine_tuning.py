import copy

import torch
from torch import nn

from custom.networks import all_but_encoder_convolutions, lite_catheter_net


def test_a_step_leaves_the_filters_of_the_trunk_and_moves_the_rest():
    torch.manual_seed(0)
    network = lite_catheter_net()
    before = copy.deepcopy(network.state_dict())
    optimizer = torch.optim.SGD(all_but_encoder_convolutions(network), lr=0.1)
    logits = network(torch.rand(2, 1, 64, 96))
    sum(value.square().mean() for value in logits.values()).backward()
    optimizer.step()
    filters = {
        f"encoder.{name}.weight" for name, module in network.encoder.named_modules() if isinstance(module, nn.Conv2d)
    }
    moved = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    trained = {name for name, _ in network.named_parameters()}
    assert filters
    assert not moved & filters
    assert trained - filters <= moved
    assert sum(parameter.numel() for parameter in all_but_encoder_convolutions(network)) < 800_000
