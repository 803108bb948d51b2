"""What the detection heads should have answered (paper, section 2.2)."""

from __future__ import annotations

from typing import Any

import torch

SMALLEST_SIGMA = 0.6


class HeadTargets:
    """Adds the targets of the detection heads to a batch, on the batch's device.

    Electrodes are discs, so the Gaussian follows their mean side: a standard deviation of a sixth of it, which puts
    three of them into the box; it is at least 0.6 cells, so that a small electrode still reaches its neighbouring cells
    and two electrodes one cell apart still show two peaks.

    Args:
        head_stride: pixels of the network's input in a cell of the heads, `CatheterNet.head_stride`.
    """

    def __init__(self, head_stride: int = 4) -> None:
        self.head_stride = head_stride

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return the batch with `center`, `size`, `offset` and `center_cells` as in docs/design.md.

        Args:
            batch: holds `mask` (B, 1, H, W), `electrodes` (B, N, 4) and `electrode_valid` (B, N). Where two electrodes
                lie in one cell, size and offset are the later one's.
        """
        stride = self.head_stride
        rows, columns = (length // stride for length in batch["mask"].shape[-2:])
        boxes, valid = _trim(batch["electrodes"].float(), batch["electrode_valid"])
        centers, sizes = (boxes[..., :2] - (stride - 1) / 2) / stride, boxes[..., 2:] / stride
        limits = torch.tensor([columns - 1, rows - 1], device=boxes.device)
        cells = (centers + 0.5).floor().clamp(min=0).minimum(limits)
        owner = _owners(cells, valid, rows, columns)
        center_cells = owner >= 0
        values = torch.cat([sizes, centers - cells], dim=-1)
        size, offset = (_per_cell(part, owner, rows, columns) for part in values.split(2, dim=-1))
        heat = _gaussians(centers, sizes.mean(-1), valid, rows, columns)
        center_cells = center_cells.view(-1, 1, rows, columns)
        center = heat.masked_fill(center_cells, 1.0)
        return {**batch, "center": center, "size": size, "offset": offset, "center_cells": center_cells}


def _trim(boxes: torch.Tensor, valid: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Leave out the slots after the last electrode of the batch: most of the padding."""
    used = int((valid.any(0) * torch.arange(1, valid.shape[1] + 1, device=valid.device)).max()) if valid.numel() else 0
    return boxes[:, :used], valid[:, :used]


def _owners(cells: torch.Tensor, valid: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """The slot of the electrode in each cell, (B, rows * columns), -1 for none; repeatable on any device."""
    index = (cells[..., 1] * columns + cells[..., 0]).long()
    slots = torch.arange(index.shape[1], device=index.device).where(valid, -1)
    owner = torch.full((index.shape[0], rows * columns), -1, device=index.device)
    return owner.scatter_reduce(1, index, slots, reduce="amax")


def _per_cell(values: torch.Tensor, owner: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Values (B, N, 2) of the electrodes at their cells, (B, 2, rows, columns), 0 elsewhere."""
    if not values.shape[1]:
        return values.new_zeros(values.shape[0], 2, rows, columns)
    taken = values.gather(1, owner.clamp(min=0)[..., None].expand(-1, -1, 2))
    taken = taken.where(owner[..., None] >= 0, 0.0)
    return taken.transpose(1, 2).reshape(-1, 2, rows, columns)


def _gaussians(
    centers: torch.Tensor, diameters: torch.Tensor, valid: torch.Tensor, rows: int, columns: int
) -> torch.Tensor:
    if not centers.shape[1]:
        return centers.new_zeros(centers.shape[0], 1, rows, columns)
    precision = 0.5 / (diameters / 6).clamp(min=SMALLEST_SIGMA) ** 2
    across = _bell(centers[..., 0], precision, columns)
    down = _bell(centers[..., 1], precision, rows) * valid[..., None]
    return (down[..., None] * across[..., None, :]).amax(1, keepdim=True)


def _bell(center: torch.Tensor, precision: torch.Tensor, length: int) -> torch.Tensor:
    distance = torch.arange(length, device=center.device) - center[..., None]
    return torch.exp(-(distance**2) * precision[..., None])
