"""A frame on the network's grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform
from monai.utils import convert_to_dst_type, convert_to_tensor
from skimage.morphology import skeletonize

from custom.errors import InputError
from custom.transforms.geometry import FrameGeometry
from custom.transforms.sampling import NETWORK_STRIDE, field_side, sampling_range, side_range, spacing_at_detector

LARGEST_ENLARGED = 2**24  # pixels; a detector of 400 mm at 0.1 mm has as many


class FitToNetworkd(Transform):
    """Places a frame on the network's grid; labels that are there follow, `geometry` says how.

    A frame keeps its own sampling and is padded to multiples of 16, unless its pixel spacing lies outside the range
    that the network knows: then it is scaled to the nearest end. The longer side stays in a range of its own then. Or
    else every frame is scaled to one size. `field_side` is the longer side without bars, in pixels of the frame.

    Args:
        size: rows and columns to which `scale_to_size` scales, multiples of 16.
        scale_to_size: make every frame as large as the size allows, aspect kept, and centre it there.
        spacing_range_mm: finest and coarsest spacing at the detector; `None` never scales. See `spacing_at_detector`
            for frames that do not tell theirs.
        longer_side_range: pixels of the longer side on the network's grid, whatever the spacing: no frame is scaled
            below the first or kept above the second; `None` sets no limits. Bars do not count. Enlarging a wide field
            further than its pixels resolve shows the network nothing but blur, and spacings in files may be wrong.
        keep_original_mask: keep the mask of the original grid as `mask_original`, for evaluation.

    Raises:
        InputError: where the size or a range is impossible.
    """

    def __init__(
        self,
        size: Sequence[int] = (256, 256),
        *,
        scale_to_size: bool = False,
        spacing_range_mm: Sequence[float] | None = None,
        longer_side_range: Sequence[int] | None = None,
        keep_original_mask: bool = False,
    ) -> None:
        self.size = network_size(size)
        self.scale_to_size = scale_to_size
        self.spacings = None if spacing_range_mm is None else sampling_range(spacing_range_mm)
        self.sides = None if longer_side_range is None else side_range(longer_side_range)
        self.keep_original_mask = keep_original_mask

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Fit `image` (1, rows, columns) and, where present, `mask` and `electrodes`; add `geometry`.

        Raises:
            InputError: its spacing asks for a frame beyond all measure.
        """
        image = convert_to_tensor(data["image"], dtype=torch.float32, track_meta=False)
        side = field_side(image)
        geometry, size = self._place(image.shape, side, data)
        result = {**data, "geometry": geometry.to_tensor(), "field_side": side}
        result["image"] = convert_to_dst_type(geometry.image_to_network(image, size), data["image"])[0]
        if data.get("mask") is not None:
            mask = convert_to_tensor(data["mask"], track_meta=False) > 0
            result["mask"] = fit_mask(mask, geometry, size).float()
            if self.keep_original_mask:
                result["mask_original"] = mask.to(torch.uint8)
        if "electrode_valid" in data:
            fitted = geometry.to_network(data["electrodes"])
            result["electrodes"] = fitted.where(data["electrode_valid"][:, None], 0.0)
        return result

    def _place(self, shape: torch.Size, side: int, data: Mapping[str, Any]) -> tuple[FrameGeometry, tuple[int, int]]:
        rows, columns = shape[-2:]
        if self.scale_to_size:
            return FrameGeometry.fit(rows, columns, self.size), self.size
        scale = 1.0
        if self.spacings is not None:
            spacing = spacing_at_detector(side, data.get("pixel_spacing_mm"), data.get("spacing_plane", ""))
            scale = self.spacings.scale(spacing)
        if self.sides is not None:
            scale = self.sides.limit(scale, side)
        geometry, size = FrameGeometry.at_scale(rows, columns, scale, multiple=NETWORK_STRIDE)
        if scale > 1 and size[0] * size[1] > LARGEST_ENLARGED:
            raise InputError(
                "the frame would be enlarged too far for the network",
                source=data.get("name"),
                field="pixel_spacing_mm",
                found=f"{spacing:g} mm at the detector, {size[0]} x {size[1]} pixels for the network",
                expected=f"at most {LARGEST_ENLARGED} pixels",
                remedy="Check the spacing, or set a longer_side_range",
            )
        return geometry, size


def network_size(size: Sequence[int]) -> tuple[int, int]:
    """Return rows and columns of a network's input.

    Raises:
        InputError: where they are not two multiples of 16.
    """
    numbers = list(size) if isinstance(size, Sequence) else [size]
    if len(numbers) != 2 or any(length <= 0 or length % NETWORK_STRIDE for length in numbers):
        raise InputError("not a network size", field="image_size", found=size, expected="two multiples of 16")
    return int(numbers[0]), int(numbers[1])


def fit_mask(mask: torch.Tensor, geometry: FrameGeometry, size: tuple[int, int]) -> torch.Tensor:
    """Carry a bool mask (1, rows, columns) to the network's grid: pixels that it covers by half, plus its centreline.

    A guidewire is thinner than a pixel after down-scaling and would break up or vanish by coverage alone.

    Returns:
        (1, *size) bool.
    """
    fitted = geometry.image_to_network(mask.float(), size) >= 0.5
    if geometry.scale < 1:
        rows, columns = np.nonzero(skeletonize(mask[0].cpu().numpy()))
        points = geometry.to_network(torch.from_numpy(np.stack([columns, rows], axis=-1)).double())
        x, y = points.round().long().unbind(-1)
        fitted[0, y, x] = True
    return fitted
