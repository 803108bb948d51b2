"""Weights for finer cells of the heads."""

from __future__ import annotations

import torch

OUTPUTS = "heads.outputs."


def with_finer_cells(weights: dict[str, torch.Tensor], cells: int = 2) -> dict[str, torch.Tensor]:
    """Split each cell of a network's heads into `cells` x `cells`; until it is trained further, the answers stay.

    Args:
        weights: of a `CatheterNet` with `shared_head_trunk` and a `decoder_stride` equal to its `head_stride`.
        cells: by which `head_stride` is divided, `decoder_stride` staying as it is.

    Returns:
        New weights.
    """
    return {
        name: _split(name, values, cells) if name.startswith(OUTPUTS) else values for name, values in weights.items()
    }


def _split(name: str, values: torch.Tensor, cells: int) -> torch.Tensor:
    """Repeat a 1 x 1 convolution's channels in the order of `nn.PixelShuffle`."""
    head, kind = name.removeprefix(OUTPUTS).split(".")[0], name.rsplit(".", 1)[-1]
    split = values.repeat_interleave(cells**2, dim=0)
    if head in ("size", "offset"):  # both are in cells
        split = split * cells
    if head == "offset" and kind == "bias":
        split = split - _places(cells)
    return split


def _places(cells: int) -> torch.Tensor:
    """The new cells' centres in the old one's, in new cells: x of all of them, then y."""
    place = torch.arange(cells) - (cells - 1) / 2
    y, x = torch.meshgrid(place, place, indexing="ij")
    return torch.cat([x.flatten(), y.flatten()])
