"""Weights of a network that was never trained, but marks some of a frame's pixels and a few electrodes."""

from __future__ import annotations

from pathlib import Path

import torch

from custom.networks import lite_catheter_net

MARKED_PIXELS, MARKED_CELLS = 0.1, 0.01
LOGIT_DEVIATION = 3.0


def write_tiny_weights(path: Path) -> Path:
    """Write a state dict of the lite network of `overrides/lite.yaml`."""
    torch.manual_seed(0)
    network = lite_catheter_net(head_stride=2, offset=True).eval()
    with torch.inference_mode():
        logits = network(_dark_disk_on_noise())
    state = network.state_dict()
    for head, share in (("segmentation", MARKED_PIXELS), ("center", MARKED_CELLS)):
        scale = LOGIT_DEVIATION / logits[head].std()
        state[f"heads.outputs.{head}.weight"] *= scale
        bias = state[f"heads.outputs.{head}.bias"]
        bias.copy_(scale * (bias - logits[head].quantile(1 - share)))
    torch.save(state, path)
    return path


def _dark_disk_on_noise() -> torch.Tensor:
    image = torch.rand(1, 1, 256, 256) / 4 + 0.6
    rows, columns = torch.meshgrid(torch.arange(256), torch.arange(256), indexing="ij")
    image[0, 0, (rows - 100) ** 2 + (columns - 150) ** 2 < 100] -= 0.5
    return image
