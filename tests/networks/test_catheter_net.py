from __future__ import annotations

import pytest
import torch

from custom.errors import InputError
from custom.networks import CatheterNet, EfficientNetLiteEncoder, lite_catheter_net
from tests.networks.contract import NetworkContract, assert_same


def parameters(network: torch.nn.Module) -> float:
    return sum(parameter.numel() for parameter in network.parameters()) / 1e6


class TestPaperForm(NetworkContract):
    def make(self):
        return CatheterNet()


class TestResNet50(NetworkContract):
    def make(self):
        return CatheterNet(encoder="resnet50", projection_channels=64, neck_blocks=1, decoder_channels=(32, 16))


class TestLite(NetworkContract):
    def make(self):
        return lite_catheter_net()


class TestLiteWithSeparateHeads(NetworkContract):
    def make(self):
        return lite_catheter_net(shared_head_trunk=False, head_stride=4, offset=False)


class TestLiteAtFullResolution(NetworkContract):
    def make(self):
        return lite_catheter_net(head_stride=1)


class TestLiteWithADecoderAtFullResolution(NetworkContract):
    def make(self):
        return lite_catheter_net(head_stride=1, decoder_stride=1)


class TestPaperFormWithFinerCells(NetworkContract):
    def make(self):
        return CatheterNet(head_stride=2, decoder_stride=4)


class TestEfficientNetLite(NetworkContract):
    def make(self):
        return lite_catheter_net(encoder="efficientnet_lite0")


class TestEncoderGivenAsAnObject(NetworkContract):
    def make(self):
        return lite_catheter_net(encoder=EfficientNetLiteEncoder(), neck_blocks=0)


def test_paper_form_has_its_size():
    assert parameters(CatheterNet()) == pytest.approx(32.6, rel=0.01)


@pytest.mark.parametrize(("encoder", "size"), [("narrow_resnet", 2.72), ("efficientnet_lite0", 1.36)])
def test_lite_form_is_small(encoder, size):
    assert parameters(lite_catheter_net(encoder=encoder)) == pytest.approx(size, rel=0.02)


@torch.no_grad()
def test_resnet_forms_can_be_scripted():
    network = lite_catheter_net().eval()
    image = torch.randn(1, 1, 32, 64)
    assert_same(torch.jit.script(network)(image), network(image))


@torch.no_grad()
def test_segmentation_is_upsampled_about_pixel_centres():
    network = lite_catheter_net(head_stride=4).eval()
    ramp = torch.arange(8.0).expand(1, 1, 4, 8)
    network.heads.forward = lambda feature: {"segmentation": ramp}
    columns = network(torch.zeros(1, 1, 16, 32))["segmentation"][0, 0, 0]
    # A cell's centre is at 4 * column + 1.5, so pixel x inside the ramp has (x - 1.5) / 4.
    torch.testing.assert_close(columns[2:30], (torch.arange(2, 30) - 1.5) / 4)


def test_impossible_settings_are_named():
    with pytest.raises(InputError, match=r"head_stride.*found 8"):
        CatheterNet(head_stride=8)
    with pytest.raises(InputError, match=r"decoder_stride.*found 1.*one of 4, 2"):
        CatheterNet(head_stride=2, decoder_stride=1)
    with pytest.raises(InputError, match=r"decoder_stride.*found 0"):
        CatheterNet(decoder_stride=0)
    with pytest.raises(InputError, match=r"head_stride.*found 'two'"):
        lite_catheter_net(head_stride="two")
    with pytest.raises(InputError, match=r"encoder.*'vgg16'.*resnet34.*efficientnet_lite0"):
        CatheterNet(encoder="vgg16")
