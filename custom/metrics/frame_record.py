"""What is kept of each frame of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from skimage.measure import label as connected_components

from custom.metrics.matching import matched_pairs
from custom.metrics.region_similarity import region_similarity
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
        true_mask_pixels: how many the true mask has; `None` where not annotated.
        largest_piece_pixels: how many the largest connected piece (8 neighbours) of the found mask has.
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
    true_mask_pixels: int | None = None
    largest_piece_pixels: int = 0
    picture: FramePicture | None = None

    @property
    def electrodes(self) -> np.ndarray:
        """(M, 5) found boxes that count as electrodes."""
        return self.found_boxes[self.found_boxes[:, 4] >= self.minimum_score]

    @property
    def true_electrode_count(self) -> int | None:
        """How many are there; `None` where not annotated."""
        return None if self.true_boxes is None else len(self.true_boxes)

    @property
    def mm_per_pixel(self) -> np.ndarray:
        """(2,) for x and y; NaN where unknown."""
        return np.array(self.pixel_spacing_mm[::-1])

    @property
    def shows_nothing(self) -> bool:
        """Whether the frame is annotated, and without any device."""
        counts = (self.true_mask_pixels, self.true_electrode_count)
        return any(count == 0 for count in counts) and not any(counts)

    def has_labels(self, unit: Unit) -> bool:
        """Whether electrodes are annotated and can be measured in this unit."""
        return self.true_boxes is not None and (unit == "px" or not np.isnan(self.mm_per_pixel).any())

    def matches(self, tolerance: float, unit: Unit = "px") -> tuple[np.ndarray, np.ndarray]:
        """True electrodes that have a found one within `tolerance`, one-to-one.

        Returns:
            (M,) their positions in `true_boxes`, and (M, 2) the vectors, in `unit`, from them to the found ones.
        """
        if self.true_boxes is None:
            return np.empty(0, dtype=int), np.empty((0, 2))
        scale = self.mm_per_pixel if unit == "mm" else np.ones(2)
        true, found = self.true_boxes[:, :2] * scale, self.electrodes[:, :2] * scale
        rows, columns = matched_pairs(true, found, tolerance)
        return rows, found[columns] - true[rows]

    def displacements(self, tolerance: float, unit: Unit = "px") -> np.ndarray:
        """(M, 2) vectors of `matches`."""
        return self.matches(tolerance, unit)[1]


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
        region_similarity=region_similarity(true_mask, found_mask) if available[SEGMENTATION] else math.nan,
        true_boxes=_true_boxes(label, geometry) if available[DETECTION] else None,
        found_boxes=_array(prediction["pred_electrodes"]).astype(float),
        minimum_score=minimum_score,
        true_mask_pixels=int(true_mask.sum()) if available[SEGMENTATION] else None,
        largest_piece_pixels=_largest_piece(found_mask),
        picture=picture,
    )


def _array(values: Any) -> np.ndarray:
    return torch.as_tensor(values).as_subclass(torch.Tensor).cpu().numpy()


def _true_boxes(label: Mapping[str, Any], geometry: FrameGeometry) -> np.ndarray:
    boxes = torch.as_tensor(label["electrodes"])[torch.as_tensor(label["electrode_valid"])]
    return geometry.to_frame(boxes.double()).cpu().numpy()


def _largest_piece(mask: np.ndarray) -> int:
    return int(np.bincount(connected_components(mask, connectivity=2).ravel())[1:].max(initial=0))
