"""Every engine that runs here says what the network in PyTorch says."""

import pytest
import torch

from custom.engines import ENGINES, LOGIT_TOLERANCE, available_engines, largest_difference
from custom.networks import lite_catheter_net

TOO_SLOW = "compiled"  # a C++ compiler runs for a minute, or for several


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = lite_catheter_net(projection_channels=16, decoder_channels=(16, 16, 8), head_channels=8).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    channels = len(network.feature_distance.mean)
    network.feature_distance.set(torch.randn(channels) / 10, 2 * torch.eye(channels), 3.0)
    return network


@pytest.fixture(scope="module")
def installed():
    return available_engines("cpu")


def test_the_engines_of_the_extra_are_installed_for_the_tests(installed):
    cpu = [name for name, engine in ENGINES.items() if "cpu" in engine.devices]
    assert installed == cpu


def test_cuda_engines_say_why_they_do_not_run_here():
    assert ENGINES["cuda_graph"].missing("cpu") == "it runs on cuda, not on cpu"


@pytest.mark.parametrize("name", [name for name in available_engines("cpu") if name != TOO_SLOW])
@torch.inference_mode()
def test_an_engine_equals_pytorch_on_frames_of_any_size_and_number(network, name):
    runner = ENGINES[name].build(network)
    generator = torch.Generator().manual_seed(1)
    for shape in ((1, 1, 64, 80), (3, 1, 48, 160)):
        image = torch.randn(shape, generator=generator)
        expected = network(image)
        assert expected["feature_distance"].isfinite().all()
        assert largest_difference(runner(image), expected) <= LOGIT_TOLERANCE


@torch.inference_mode()
def test_ncnn_says_nan_where_no_distance_was_fitted(network):
    network = lite_catheter_net(projection_channels=16, decoder_channels=(16, 16, 8)).eval()
    assert ENGINES["ncnn"].build(network)(torch.zeros(2, 1, 32, 48))["feature_distance"].isnan().tolist() == [True] * 2
