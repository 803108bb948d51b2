"""Shadows in a frame: what stands in the beam, and the collimator around it."""

from __future__ import annotations

import torch

from custom.transforms.draws import happens, uniform

PENUMBRA = 3.0
TRANSMISSION = (0.35, 0.8)


def occlusion_window(image: torch.Tensor, probability: float, side: tuple[float, float]) -> torch.Tensor:
    """Transmission of a half-transparent, soft-edged rectangle anywhere in each frame.

    Args:
        image: (B, 1, H, W), for its shape and device.
        probability: of a rectangle in a frame.
        side: smallest and largest side, as shares of the frame's.

    Returns:
        (B, 1, H, W) factors in (0, 1], 1 where nothing is.
    """
    lengths = uniform(image, 2, *side)
    starts = uniform(image, 2) * (1 - lengths)
    inside = open_field(image, starts, starts + lengths)
    darkening = (1 - uniform(image, 1, *TRANSMISSION)) * happens(image, probability)
    return 1 - darkening[..., None, None] * inside


def collimator_window(image: torch.Tensor, probability: float, depth: float) -> torch.Tensor:
    """Transmission of a collimator whose blades each reach into every second frame that it is closed for.

    Args:
        image: (B, 1, H, W), for its shape and device.
        probability: of a closed collimator in a frame.
        depth: the deepest that a blade reaches, as a share of the frame.

    Returns:
        (B, 1, H, W) factors in [0, 1], 1 within the field.
    """
    blades = uniform(image, 4, -depth, depth).clamp(min=0) * happens(image, probability)
    return open_field(image, blades[:, :2], 1 - blades[:, 2:])


def open_field(image: torch.Tensor, start: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    """1 between `start` and `end` (B, 2; x and y as shares of the frame), falling to 0 within the penumbra."""
    rows, columns = image.shape[-2:]
    across = _span(start[:, 0], end[:, 0], columns)
    down = _span(start[:, 1], end[:, 1], rows)
    return (down[:, :, None] * across[:, None])[:, None]


def field_at(field: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """The field's value (B, 1, H, W) at the pixel nearest to each box (B, N, 4), as (B, N)."""
    rows, columns = field.shape[-2:]
    x = boxes[..., 0].round().long().clamp(0, columns - 1)
    y = boxes[..., 1].round().long().clamp(0, rows - 1)
    return field.flatten(1).gather(1, y * columns + x)


def _span(start: torch.Tensor, end: torch.Tensor, length: int) -> torch.Tensor:
    position = torch.arange(length, device=start.device)
    first, last = start[:, None] * length - 0.5, end[:, None] * length - 0.5
    return (torch.minimum(position - first, last - position) / PENUMBRA + 1).clamp(0, 1)
