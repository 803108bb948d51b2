"""Networks that people would use instead, under the same heads."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from monai.networks.nets import FlexibleUNet
from monai.networks.nets.resnet import ResNetBlock
from torch import nn
from torch.nn.functional import interpolate, pad

from custom.errors import InputError
from custom.networks.catheter_net import HEAD_STRIDES
from custom.networks.heads import Heads


class PeerNet(nn.Module):
    """Any network that keeps the resolution, with `CatheterNet`'s heads on what it gives.

    A convolution whose kernel is its stride brings the features to the stride of the heads. A frame whose sides the
    network cannot halve often enough is padded below and to the right with its own border, and the logits are cut.

    Args:
        trunk: maps (B, 1, H, W) to features (B, trunk_channels, H, W), or to a list whose last item they are.
        trunk_channels: of these features.
        size_multiple: what H and W must be multiples of for the trunk.
        head_channels: width inside the heads.
        shared_head_trunk: the heads share their 3 x 3 convolutions.
        head_stride: pixels of the input to a cell of the heads: 4, 2 or 1.
        offset: adds a head for the sub-pixel position inside a cell.

    Raises:
        InputError: where the heads cannot have this stride.
    """

    def __init__(
        self,
        *,
        trunk: nn.Module,
        trunk_channels: int,
        size_multiple: int = 16,
        head_channels: int = 32,
        shared_head_trunk: bool = True,
        head_stride: int = 2,
        offset: bool = True,
    ) -> None:
        super().__init__()
        if head_stride not in HEAD_STRIDES:
            raise InputError("not a stride of the heads", field="head_stride", found=head_stride, expected="4, 2 or 1")
        self.head_stride = head_stride
        self.size_multiple = size_multiple
        self.trunk = trunk
        self.reduction = nn.Conv2d(trunk_channels, trunk_channels, kernel_size=head_stride, stride=head_stride)
        outputs = {"segmentation": 1, "center": 1, "size": 2} | ({"offset": 2} if offset else {})
        self.heads = Heads(trunk_channels, channels=head_channels, outputs=outputs, shared_trunk=shared_head_trunk)

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        """Map (B, 1, H, W), H and W multiples of `head_stride`, to the logits of `CatheterNet`.

        There is no `feature_distance`.
        """
        rows, columns = image.shape[-2:]
        below, right = -rows % self.size_multiple, -columns % self.size_multiple
        features = self.trunk(pad(image, (0, right, 0, below), mode="replicate"))
        if isinstance(features, list):
            features = features[-1]
        logits = self.heads(self.reduction(features))
        logits["segmentation"] = interpolate(
            logits["segmentation"], scale_factor=float(self.head_stride), mode="bilinear", align_corners=False
        )
        return {name: self._cut(name, output, rows, columns) for name, output in logits.items()}

    def _cut(self, name: str, output: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
        stride = 1 if name == "segmentation" else self.head_stride
        return output[..., : rows // stride, : columns // stride]


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
