from __future__ import annotations

import pytest
import torch
from monai.bundle import ConfigParser
from monai.networks.nets import FlexibleUNet
from torch import nn

from custom.errors import InputError
from custom.networks import PaddedTrunk, PeerNet, flexible_unet
from custom.workflow import bundle_root
from tests.networks.contract import LogitsContract

MILLIONS = {
    "attention_unet": 31.8,
    "basic_unet": 2.0,
    "basic_unet_plus_plus": 2.4,
    "flexible_unet": 23.7,
    "segresnet": 6.3,
}


def peer(name, **values):
    parser = ConfigParser()
    parser.read_config(f"{bundle_root()}/configs/overrides/peer_{name}.yaml")
    for key, value in values.items():
        parser[f"network_def#{key}"] = value
    return parser.get_parsed_content("network_def")


class TestAttentionUnet(LogitsContract):
    def make(self):
        return peer("attention_unet", **{"trunk#channels": [8, 8, 16, 16, 32]})


class TestBasicUNet(LogitsContract):
    def make(self):
        return peer("basic_unet", **{"trunk#features": [8, 8, 8, 16, 16, 8]})


class TestBasicUNetPlusPlus(LogitsContract):
    # They end in outputs of deep supervision, which is off.
    without_gradient = tuple(f"trunk.final_conv_0_{depth}.{part}" for depth in (1, 2, 3) for part in ("weight", "bias"))

    def make(self):
        return peer("basic_unet_plus_plus", **{"trunk#features": [8, 8, 8, 16, 16, 8]})


class TestSegResNet(LogitsContract):
    def make(self):
        return peer("segresnet", head_stride=4, offset=False, **{"trunk#init_filters": 8})


class TestFlexibleUNet(LogitsContract):
    def make(self):
        return peer("flexible_unet", head_stride=1, **{"trunk#trunk#backbone": "resnet18"})


@pytest.mark.parametrize("training", [False, True])
def test_flexible_unet_is_monais(training):
    networks = []
    for make in (flexible_unet, FlexibleUNet):
        torch.manual_seed(0)
        networks.append(make(in_channels=1, out_channels=4, backbone="resnet18").train(training))
    image = torch.randn(2, 1, 64, 96)
    outputs = [network(image) for network in networks]
    torch.testing.assert_close(*outputs)
    for output in outputs:
        output.square().mean().backward()
    gradients = [dict(network.named_parameters())["encoder.conv1.weight"].grad for network in networks]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize(("name", "millions"), MILLIONS.items())
def test_peers_have_their_size(name, millions):
    assert sum(value.numel() for value in peer(name).parameters()) / 1e6 == pytest.approx(millions, rel=0.02)


class Listing(nn.Module):
    """A trunk that hands on what it is given, in a list as networks with deep supervision do."""

    def forward(self, image):
        return [torch.zeros(1), image]


def test_sides_that_do_not_fit_are_padded_with_the_border_and_cut_again():
    seen = []
    trunk = nn.Identity()
    trunk.register_forward_hook(lambda module, given, features: seen.append(features))
    image = torch.arange(48.0 * 16).view(1, 1, 48, 16)
    assert torch.equal(PaddedTrunk(trunk=trunk, multiple=32)(image), image)
    (padded,) = seen
    assert padded.shape == (1, 1, 64, 32)
    assert (padded[0, 0, 48:, 5] == image[0, 0, 47, 5]).all()
    assert (padded[0, 0, 7, 16:] == image[0, 0, 7, 15]).all()


@torch.no_grad()
@pytest.mark.parametrize("stride", [1, 2, 4])
def test_cells_see_the_pixels_that_they_stand_for(stride):
    network = PeerNet(trunk=Listing(), trunk_channels=1, head_stride=stride).eval()
    nn.init.constant_(network.reduction.weight, 1 / stride**2)
    nn.init.zeros_(network.reduction.bias)
    seen = {}
    network.heads.register_forward_pre_hook(lambda module, arguments: seen.update(feature=arguments[0]))
    columns = torch.arange(32.0).expand(1, 1, 16, 32)
    network(columns)
    # A cell's centre is at stride * column + (stride - 1) / 2.
    torch.testing.assert_close(seen["feature"][0, 0, 0], stride * torch.arange(32.0 // stride) + (stride - 1) / 2)


def test_a_stride_that_the_heads_cannot_have_is_named():
    with pytest.raises(InputError, match=r"head_stride.*found 3"):
        PeerNet(trunk=Listing(), trunk_channels=1, head_stride=3)


def test_a_shape_that_does_not_fit_is_named():
    with pytest.raises(InputError, match=r"\(1, 1, 40, 64\)"):
        PeerNet(trunk=Listing(), trunk_channels=1)(torch.zeros(1, 1, 40, 64))


@pytest.mark.parametrize("trunk", [nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(1, 16, 3, padding=1, stride=2)])
def test_features_of_another_shape_are_refused(trunk):
    network = PeerNet(trunk=trunk, trunk_channels=16)
    with pytest.raises(
        InputError, match=r"network_def: trunk: the trunk's features .* expected \(2, 16, 32, 48\). Set tr"
    ):
        network(torch.zeros(2, 1, 32, 48))
