"""What is kept of each frame of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from custom.metrics.matching import matched_displacements
from custom.tasks import DETECTION, SEGMENTATION, TASKS
from custom.transforms.geometry import FrameGeometry

Unit = Literal["px", "mm"]


@dataclass(frozen=True)
class FramePicture:
    """What a picture of the frame needs, in little memory.

    Attributes:
        pixels: (H, W) uint8, the image on the network's grid.
        geometry: from the network's grid to the frame's.
        true_mask: (rows, columns) bool packed by `numpy.packbits`; `None` where not annotated.
        found_mask: likewise.
    """

    pixels: np.ndarray
    geometry: FrameGeometry
    true_mask: np.ndarray | None
    found_mask: np.ndarray


@dataclass(frozen=True)
class FrameRecord:
    """Labels and predictions of one frame, in pixels of its original grid.

    Attributes:
        sample_index: position in the split.
        name: of the frame.
        case: it belongs to.
        pixel_spacing_mm: row and column; NaN where unknown.
        spacing_plane: where the spacing holds; "" where unknown.
        region_similarity: J, the IoU of found and true mask, 1 where both are empty; NaN where not annotated.
        true_boxes: (N, 4) x, y, width, height; `None` where not annotated.
        found_boxes: (K, 5) with score, whatever the score.
        minimum_score: from which a found box counts as an electrode; average precision uses all of them.
        picture: for contact sheets.
    """

    sample_index: int
    name: str
    case: str
    pixel_spacing_mm: tuple[float, float]
    spacing_plane: str
    region_similarity: float
    true_boxes: np.ndarray | None
    found_boxes: np.ndarray
    minimum_score: float
    picture: FramePicture | None = None

    @property
    def electrodes(self) -> np.ndarray:
        """(M, 5) found boxes that count as electrodes."""
        return self.found_boxes[self.found_boxes[:, 4] >= self.minimum_score]

    @property
    def mm_per_pixel(self) -> np.ndarray:
        """(2,) for x and y; NaN where unknown."""
        return np.array(self.pixel_spacing_mm[::-1])

    def has_labels(self, unit: Unit) -> bool:
        """Whether electrodes are annotated and can be measured in this unit."""
        return self.true_boxes is not None and (unit == "px" or not np.isnan(self.mm_per_pixel).any())

    def displacements(self, tolerance: float, unit: Unit = "px") -> np.ndarray:
        """(M, 2) vectors, in `unit`, from true to found electrodes matched one-to-one within `tolerance`."""
        if self.true_boxes is None:
            return np.empty((0, 2))
        scale = self.mm_per_pixel if unit == "mm" else np.ones(2)
        return matched_displacements(self.true_boxes[:, :2] * scale, self.electrodes[:, :2] * scale, tolerance)


def record_frame(
    label: Mapping[str, Any], prediction: Mapping[str, Any], *, minimum_score: float, keep_picture: bool
) -> FrameRecord:
    """Record one sample of a decollated batch.

    Args:
        label: `electrodes`, `electrode_valid`, `mask_original`, `available`, `geometry`, `image`, `pixel_spacing_mm`
            and the rest of docs/design.md's table.
        prediction: `pred` and `pred_electrodes`, as `DecodePredictiond` makes them.
        minimum_score: see `FrameRecord`.
        keep_picture: keep what a contact sheet needs.
    """
    geometry = FrameGeometry.from_tensor(torch.as_tensor(label["geometry"]))
    available = dict(zip(TASKS, torch.as_tensor(label["available"]).tolist(), strict=True))
    # Frames of different sizes are collated by padding them below and to the right.
    found_mask = _array(prediction["pred"])[0].astype(bool)
    true_mask = _array(label["mask_original"])[0, : geometry.rows, : geometry.columns].astype(bool)
    row_spacing, column_spacing = _array(label["pixel_spacing_mm"]).tolist()
    picture = None
    if keep_picture:
        packed = np.packbits(true_mask) if available[SEGMENTATION] else None
        pixels = (_array(label["image"])[0] * 255).round().astype(np.uint8)
        picture = FramePicture(pixels, geometry, packed, np.packbits(found_mask))
    return FrameRecord(
        sample_index=int(label["sample_index"]),
        name=label["name"],
        case=label["case"],
        pixel_spacing_mm=(row_spacing, column_spacing),
        spacing_plane=label["spacing_plane"],
        region_similarity=_intersection_over_union(true_mask, found_mask) if available[SEGMENTATION] else math.nan,
        true_boxes=_true_boxes(label, geometry) if available[DETECTION] else None,
        found_boxes=_array(prediction["pred_electrodes"]).astype(float),
        minimum_score=minimum_score,
        picture=picture,
    )


def _array(values: Any) -> np.ndarray:
    return torch.as_tensor(values).as_subclass(torch.Tensor).cpu().numpy()


def _true_boxes(label: Mapping[str, Any], geometry: FrameGeometry) -> np.ndarray:
    boxes = torch.as_tensor(label["electrodes"])[torch.as_tensor(label["electrode_valid"])]
    return geometry.to_frame(boxes.double()).cpu().numpy()


def _intersection_over_union(true: np.ndarray, found: np.ndarray) -> float:
    union = np.count_nonzero(true | found)
    return np.count_nonzero(true & found) / union if union else 1.0
