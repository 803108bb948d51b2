"""The network that finds catheters, wires and electrodes (paper, section 2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from custom.errors import InputError
from custom.networks.attention import ConvolutionalBlockAttention
from custom.networks.decoder import Decoder, residual_block
from custom.networks.encoders import Encoder, build_encoder
from custom.networks.feature_distance import FeatureDistance
from custom.networks.heads import STRIDES, Heads, checked_stride, with_full_mask

DEEPEST_STRIDE = 16


class CatheterNet(nn.Module):
    """Trunk, attention, decoder and heads; the defaults are the paper's form with 32.6 million parameters.

    Args:
        encoder: `resnet18`, `resnet34`, `resnet50`, `narrow_resnet`, `efficientnet_lite0`, or an `Encoder`.
        projection_channels: width of the map at stride 16.
        neck_blocks: residual blocks on that map, behind the attention.
        decoder_channels: widths at strides 8 and 4; each step beyond them halves the last.
        head_channels: width inside the heads.
        shared_head_trunk: the heads share their 3 x 3 convolutions.
        head_stride: pixels of the input to a cell of the heads: 4, 2 or 1.
        decoder_stride: of the decoder's last map, no finer than the heads' cells; `None` makes it the same.
        offset: adds a head for the sub-pixel position inside a cell.
        pretrained: weights of the trunk: `"imagenet"`, a file, or `None`.

    Raises:
        InputError: where a setting is impossible, the weights do not fit, or the input has a size that the trunk
            cannot halve four times.

    Example:
        >>> logits = CatheterNet()(torch.zeros(1, 1, 256, 192))
        >>> logits["segmentation"].shape, logits["center"].shape
        (torch.Size([1, 1, 256, 192]), torch.Size([1, 1, 64, 48]))
    """

    def __init__(
        self,
        *,
        encoder: str | Encoder = "resnet34",
        projection_channels: int = 512,
        neck_blocks: int = 4,
        decoder_channels: Sequence[int] = (256, 256),
        head_channels: int = 64,
        shared_head_trunk: bool = False,
        head_stride: int = 4,
        decoder_stride: int | None = None,
        offset: bool = False,
        pretrained: str | Path | None = None,
    ) -> None:
        super().__init__()
        self.head_stride = checked_stride(head_stride)
        decoder_stride = head_stride if decoder_stride is None else _checked_decoder_stride(decoder_stride, head_stride)
        self.encoder = build_encoder(encoder, pretrained=pretrained)
        self.projection = nn.Conv2d(self.encoder.channels[-1], projection_channels, kernel_size=3, padding=1)
        self.attention = ConvolutionalBlockAttention(projection_channels)
        self.feature_distance = FeatureDistance(self.encoder.channels[0], projection_channels)
        self.neck = nn.Sequential(
            *(residual_block(projection_channels, projection_channels) for _ in range(neck_blocks))
        )
        widths = _widths(decoder_channels, steps=(DEEPEST_STRIDE // decoder_stride).bit_length() - 1)
        skips = [1, *self.encoder.channels][-2::-1]
        self.decoder = Decoder(projection_channels, skip_channels=skips, out_channels=widths)
        self.heads = Heads(
            widths[-1],
            channels=head_channels,
            offset=offset,
            shared_trunk=shared_head_trunk,
            cells=decoder_stride // head_stride,
        )

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        """Predict logits.

        Args:
            image: (B, 1, H, W), H and W multiples of 16.

        Returns:
            `segmentation` (B, 1, H, W), `center` (B, 1, H/s, W/s), `size` (B, 2, H/s, W/s) in cells, and with `offset`
            (B, 2, H/s, W/s) in cells, s being `head_stride`. In evaluation also `feature_distance` (B,), 1 at its
            limit and NaN where it was not fitted.
        """
        if not torch.jit.is_scripting() and not torch.jit.is_tracing():
            check_shape(image.shape)
        features = self.encoder(image)
        attended = self.attend(features[-1])
        decoded = self.decoder(self.neck(attended), features[:-1][::-1] + [image])  # noqa: RUF005  # for TorchScript
        logits = with_full_mask(self.heads(decoded), self.head_stride)
        if not self.training:
            logits["feature_distance"] = self.feature_distance(features[0], attended)
        return logits

    def attend(self, feature: torch.Tensor) -> torch.Tensor:
        """Map the trunk's feature at stride 16 to (B, projection_channels, H/16, W/16)."""
        return self.attention(self.projection(feature))

    def pooled_features(self, image: torch.Tensor) -> torch.Tensor:
        """Map (B, 1, H, W) to the (B, C) of which `feature_distance` is measured."""
        features = self.encoder(image)
        return self.feature_distance.pool(features[0], self.attend(features[-1]))


def lite_catheter_net(**overrides: Any) -> CatheterNet:
    """A small form, 2.7 million parameters, that trains quickly on a CPU and marks frames there in real time.

    Its heads see stride 2: in the same time it finds far more electrodes than with stride 4, and with an offset head it
    places them more exactly. With `head_stride` 1 the decoder still ends at stride 2, which keeps it fast, and each
    place of its last map answers for four cells.

    Args:
        **overrides: any argument of `CatheterNet`.
    """
    lite: dict[str, Any] = {
        "encoder": "narrow_resnet",
        "projection_channels": 128,
        "neck_blocks": 1,
        "decoder_channels": (64, 32, 24),
        "head_channels": 24,
        "shared_head_trunk": True,
        "head_stride": 2,
        "decoder_stride": max(2, checked_stride(overrides.get("head_stride", 2))),
        "offset": True,
    }
    return CatheterNet(**(lite | overrides))


def _checked_decoder_stride(stride: int, head_stride: int) -> int:
    if stride not in STRIDES or stride < head_stride:
        raise InputError(
            "not a stride of the decoder's last map",
            field="decoder_stride",
            found=stride,
            expected=f"one of {', '.join(str(each) for each in STRIDES if each >= head_stride)}",
        )
    return stride


def _widths(channels: Sequence[int], *, steps: int) -> list[int]:
    widths = list(channels[:steps])
    while len(widths) < steps:
        widths.append(widths[-1] // 2)
    return widths


def check_shape(shape: torch.Size) -> None:
    """Check the shape of a batch of frames.

    Raises:
        InputError: where it is not (B, 1, H, W) with H and W multiples of 16.
    """
    rows, columns = shape[-2:]
    if len(shape) != 4 or shape[1] != 1 or rows % DEEPEST_STRIDE or columns % DEEPEST_STRIDE:
        raise InputError(
            "the network cannot take a frame of this shape",
            field="image",
            found=tuple(shape),
            expected=f"(frames, 1, rows, columns) with rows and columns multiples of {DEEPEST_STRIDE}",
        )
