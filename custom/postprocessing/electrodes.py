"""Electrodes from the centre heatmap (paper, section 2.2)."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import torch
from torch.nn.functional import logsigmoid, pad

from custom.tensors import Tensors

MOST_ELECTRODES = 100  # in a frame


class ElectrodeBatch(NamedTuple):
    """Electrodes of a batch on the network grid, best first.

    Attributes:
        boxes: (B, K, 4) x, y, width, height in pixels of the network's input.
        scores: (B, K) in [0, 1]; 0 where there is no electrode.
    """

    boxes: torch.Tensor
    scores: torch.Tensor


@torch.no_grad()
def decode_electrodes(pred: Tensors, maximum: int = MOST_ELECTRODES, minimum_score: float = 0.3) -> ElectrodeBatch:
    """Turn heatmap peaks into electrodes, without waiting for the device.

    A peak is a cell that no cell of its 3 x 3 neighbourhood exceeds; of equal neighbours the first counts. Its position
    within the cell comes from the `offset` head or, without one, from a parabola through the logarithm of the heatmap,
    which is exact for a Gaussian.

    Args:
        pred: the network's logits: `center` (B, 1, H/s, W/s), `size` (B, 2, H/s, W/s) in cells, `segmentation`
            (B, 1, H, W), which tells the stride s, and optionally `offset` (B, 2, H/s, W/s) in cells.
        maximum: K, at most as many as there are cells.
        minimum_score: peaks below it are left out.

    Returns:
        The `maximum` best peaks of each frame.
    """
    logits = pred["center"].float()
    stride = pred["segmentation"].shape[-1] // logits.shape[-1]
    scores, cells = _best_peaks(logits, maximum)
    scores = scores.where(scores >= minimum_score, 0.0)
    offset = _at(pred["offset"].float(), cells) if "offset" in pred else _parabola_offset(logits, cells)
    columns = logits.shape[-1]
    position = torch.stack([cells % columns, cells // columns], dim=-1) + offset
    center = position * stride + (stride - 1) / 2
    size = _at(pred["size"].float(), cells).clamp(min=0) * stride
    return ElectrodeBatch(torch.cat([center, size], dim=-1), scores)


def _best_peaks(logits: torch.Tensor, maximum: int) -> tuple[torch.Tensor, torch.Tensor]:
    # On logits: the sigmoid saturates, and reduced precision makes neighbours equal.
    scores = logits.sigmoid().where(_is_peak(logits), 0.0).flatten(1)
    return torch.topk(scores, min(maximum, scores.shape[1]))


def _is_peak(logits: torch.Tensor) -> torch.Tensor:
    # Eight comparisons take a tenth of the time of a max_pool2d with its indices.
    rows, columns = logits.shape[-2:]
    around = pad(logits, (1, 1, 1, 1), value=-torch.inf)
    peak = torch.ones_like(logits, dtype=torch.bool)
    for down, right in product((-1, 0, 1), repeat=2):
        neighbour = around[..., 1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        if (down, right) < (0, 0):
            peak &= logits > neighbour
        elif (down, right) > (0, 0):
            peak &= logits >= neighbour
    return peak


def _at(values: torch.Tensor, cells: torch.Tensor) -> torch.Tensor:
    """Values (B, C, h, w) at flat cell indices (B, K), as (B, K, C)."""
    flat = values.flatten(2)
    return flat.gather(2, cells[:, None].expand(-1, flat.shape[1], -1)).transpose(1, 2)


def _parabola_offset(logits: torch.Tensor, cells: torch.Tensor) -> torch.Tensor:
    # Reflection gives a peak on the border equal neighbours, hence no offset across the border.
    heat = pad(logsigmoid(logits), (1, 1, 1, 1), mode="reflect")
    left, right = heat[..., 1:-1, :-2], heat[..., 1:-1, 2:]
    above, below = heat[..., :-2, 1:-1], heat[..., 2:, 1:-1]
    neighbours = _at(torch.cat([left, above, right, below], dim=1), cells)
    before, after = neighbours[..., :2], neighbours[..., 2:]
    curvature = before + after - 2 * _at(heat[..., 1:-1, 1:-1], cells)
    return (0.5 * (before - after) / curvature.clamp(max=-1e-6)).clamp(-0.5, 0.5)
