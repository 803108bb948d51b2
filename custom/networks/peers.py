"""Networks that people would use instead, under the same heads."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from monai.networks.nets import BasicUNetPlusPlus, FlexibleUNet
from monai.networks.nets.resnet import ResNetBlock
from torch import nn
from torch.nn.functional import pad

from custom.errors import InputError
from custom.networks.catheter_net import check_shape
from custom.networks.heads import Heads, checked_stride, with_full_mask


class PeerNet(nn.Module):
    """Any network that keeps the resolution, with `CatheterNet`'s heads on what it gives.

    A convolution whose kernel is its stride brings the features to the stride of the heads.

    Args:
        trunk: maps (B, 1, H, W) to features (B, trunk_channels, H, W), or to a list whose last item they are.
        trunk_channels: of these features.
        head_channels: width inside the heads.
        shared_head_trunk: the heads share their 3 x 3 convolutions.
        head_stride: pixels of the input to a cell of the heads: 4, 2 or 1.
        offset: adds a head for the sub-pixel position inside a cell.

    Raises:
        InputError: where the heads cannot have this stride, the input has a size that is no multiple of 16, or the
            trunk gives other features.
    """

    def __init__(
        self,
        *,
        trunk: nn.Module,
        trunk_channels: int,
        head_channels: int = 32,
        shared_head_trunk: bool = True,
        head_stride: int = 2,
        offset: bool = True,
    ) -> None:
        super().__init__()
        self.head_stride = checked_stride(head_stride)
        self.trunk = trunk
        self.reduction = nn.Conv2d(trunk_channels, trunk_channels, kernel_size=head_stride, stride=head_stride)
        self.heads = Heads(trunk_channels, channels=head_channels, offset=offset, shared_trunk=shared_head_trunk)

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        """Map (B, 1, H, W), H and W multiples of 16, to the logits of `CatheterNet`; there is no `feature_distance`."""
        if not torch.jit.is_tracing():
            check_shape(image.shape)
        features = self.trunk(image)
        if isinstance(features, list):
            features = features[-1]
        if not torch.jit.is_tracing():
            self._check_features(features, image.shape)
        return with_full_mask(self.heads(self.reduction(features)), self.head_stride)

    def _check_features(self, features: torch.Tensor, image: torch.Size) -> None:
        expected = (image[0], self.reduction.in_channels, *image[-2:])
        if features.shape != expected:
            raise InputError(
                "the trunk's features have another shape",
                source="network_def",
                field="trunk",
                found=tuple(features.shape),
                expected=str(expected),
                remedy="Set trunk_channels to what the trunk gives, or the trunk to what fits",
            )


class PaddedTrunk(nn.Module):
    """A trunk for sizes that it cannot halve often enough: frames are padded with their own border, features cut again.

    Args:
        trunk: maps (B, 1, H, W) to features of the same resolution.
        multiple: what H and W must be multiples of for it.
    """

    def __init__(self, *, trunk: nn.Module, multiple: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.multiple = multiple

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Map (B, 1, H, W) to (B, C, H, W)."""
        rows, columns = image.shape[-2:]
        padding = (0, -columns % self.multiple, 0, -rows % self.multiple)
        features: torch.Tensor = self.trunk(pad(image, padding, mode="replicate"))
        return features[..., :rows, :columns]


def basic_unet_plus_plus(**options: Any) -> BasicUNetPlusPlus:
    """MONAI's BasicUNetPlusPlus; of its outputs only the last is used, and what makes the others is not trained.

    Several processes refuse to train parameters that no loss reaches.

    Args:
        **options: any argument of `BasicUNetPlusPlus`.
    """
    network = BasicUNetPlusPlus(**options)
    for unused in (network.final_conv_0_1, network.final_conv_0_2, network.final_conv_0_3):
        unused.requires_grad_(requires_grad=False)
    return network


def flexible_unet(**options: Any) -> FlexibleUNet:
    """MONAI's `FlexibleUNet`, whose traces take frames of any size: MONAI's own fix that of their shortcuts.

    Args:
        **options: of `FlexibleUNet`.
    """
    network = FlexibleUNet(**options)
    for block in network.modules():
        if isinstance(block, ResNetBlock) and isinstance(block.downsample, partial):
            block.downsample = partial(_shortcut, **block.downsample.keywords)
    return network


def _shortcut(feature: torch.Tensor, *, planes: int, stride: int, **_: Any) -> torch.Tensor:
    # Without a gradient, as in MONAI.
    reduced = feature[..., ::stride, ::stride].detach()
    return pad(reduced, (0, 0, 0, 0, 0, planes - feature.shape[1]))
