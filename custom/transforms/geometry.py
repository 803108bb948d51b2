"""Where a frame lies on the network's grid."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import torch
from kornia.filters import gaussian_blur2d
from torch.nn.functional import interpolate, pad


@dataclass(frozen=True)
class FrameGeometry:
    """A frame scaled with its aspect kept and placed on the network's grid; carries boxes and images both ways.

    The scale is exact, not rounded to whole pixels of the result, so that points and images agree everywhere.

    Attributes:
        rows: of the original frame.
        columns: of the original frame.
        scale: network pixels in an original pixel.
        top: first row of the frame on the network's grid.
        left: first column of the frame on the network's grid.
    """

    rows: int
    columns: int
    scale: float
    top: int
    left: int

    @classmethod
    def fit(cls, rows: int, columns: int, size: tuple[int, int]) -> FrameGeometry:
        """Make a frame as large as `size` (rows, columns) allows, and centre it."""
        return cls._centred(rows, columns, min(size[0] / rows, size[1] / columns), size)

    @classmethod
    def at_scale(
        cls, rows: int, columns: int, scale: float, *, multiple: int = 1
    ) -> tuple[FrameGeometry, tuple[int, int]]:
        """Scale a frame and centre it on the smallest grid whose sides are multiples; return that size, too."""
        scaled = (_scaled_length(length, scale) for length in (rows, columns))
        size_rows, size_columns = (math.ceil(length / multiple) * multiple for length in scaled)
        return cls._centred(rows, columns, scale, (size_rows, size_columns)), (size_rows, size_columns)

    @classmethod
    def _centred(cls, rows: int, columns: int, scale: float, size: tuple[int, int]) -> FrameGeometry:
        top = (size[0] - _scaled_length(rows, scale)) // 2
        left = (size[1] - _scaled_length(columns, scale)) // 2
        return cls(rows, columns, scale, top, left)

    @classmethod
    def from_tensor(cls, values: torch.Tensor) -> FrameGeometry:
        """Read the (5,) float64 form."""
        rows, columns, scale, top, left = values.tolist()
        return cls(int(rows), int(columns), scale, int(top), int(left))

    def to_tensor(self) -> torch.Tensor:
        """Return the (5,) float64 form: rows, columns, scale, top, left."""
        return torch.tensor(astuple(self), dtype=torch.float64)

    def to_network(self, boxes: torch.Tensor) -> torch.Tensor:
        """Carry (..., 2) points x, y or (..., 4 or more) boxes x, y, width, height, ... from frame to network grid."""
        position = (boxes[..., :2] + 0.5) * self.scale - 0.5 + boxes.new_tensor([self.left, self.top])
        return torch.cat([position, boxes[..., 2:4] * self.scale, boxes[..., 4:]], dim=-1)

    def to_frame(self, boxes: torch.Tensor) -> torch.Tensor:
        """Carry points or boxes from the network's grid back to the frame; the inverse of `to_network`."""
        position = (boxes[..., :2] - boxes.new_tensor([self.left, self.top]) + 0.5) / self.scale - 0.5
        return torch.cat([position, boxes[..., 2:4] / self.scale, boxes[..., 4:]], dim=-1)

    def image_to_network(self, image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
        """Resample a float image (C, rows, columns), antialiased, onto a network grid of `size`, zeros around it."""
        height, width = self._scaled_size()
        content = _rescale(image, self.scale, (height, width))
        below, right = size[0] - self.top - height, size[1] - self.left - width
        return pad(content, (self.left, right, self.top, below))

    def image_to_frame(self, image: torch.Tensor) -> torch.Tensor:
        """Resample a float image or probability map (C, H, W) from the network's grid to (C, rows, columns)."""
        height, width = self._scaled_size()
        content = image[..., self.top : self.top + height, self.left : self.left + width]
        return _rescale(content, 1 / self.scale, (self.rows, self.columns))

    def _scaled_size(self) -> tuple[int, int]:
        return _scaled_length(self.rows, self.scale), _scaled_length(self.columns, self.scale)


def inside_frame(boxes: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Whether the centres of (..., 2 or more) points or boxes x, y, ... lie on a frame, as (...)."""
    x, y = boxes[..., 0], boxes[..., 1]
    return (x >= -0.5) & (x < columns - 0.5) & (y >= -0.5) & (y < rows - 0.5)


def _scaled_length(length: int, scale: float) -> int:
    return math.ceil(length * scale - 1e-6)


def _rescale(image: torch.Tensor, scale: float, size: tuple[int, int]) -> torch.Tensor:
    """Resample (C, h, w) by exactly `scale` and return the first `size` pixels of the result."""
    if scale == 1:
        return image
    # `interpolate` rounds its output down; what it would cut off is repeated beyond the border first.
    below, right = (max(0, math.ceil((size[axis] + 1) / scale) - image.shape[axis + 1]) for axis in (0, 1))
    extended = pad(image[None], (0, right, 0, below), mode="replicate")
    result = interpolate(_smoothed(extended, scale), scale_factor=scale, mode="bilinear")
    return result[0, :, : size[0], : size[1]]


def _smoothed(image: torch.Tensor, scale: float) -> torch.Tensor:
    # In place of `interpolate(antialias=True)`, whose discrete kernel moves edges by up to 0.06 pixels.
    if scale >= 1:
        return image
    sigma = (1 / scale - 1) / 2
    side = 2 * math.ceil(3 * sigma) + 1
    return gaussian_blur2d(image, side, (sigma, sigma), border_type="replicate")
