"""What is kept of each frame of an evaluation of catheters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment
from skimage.measure import label

from custom.metrics.catheter_visibility import distinguishable
from custom.metrics.centerline import LineDistance, centerline_dice, centerline_points, line_distance
from custom.metrics.matching import TOLERANCE_PIXELS, matched_pairs
from custom.postprocessing.catheter_types.table import UNKNOWN, CatheterTypes
from custom.postprocessing.polyline import line_overlap
from custom.postprocessing.result import Electrode, FrameResult

LEAST_SIMILARITY = 0.1


@dataclass(frozen=True)
class CatheterPair:
    """A true catheter and the one found for it.

    Attributes:
        true: id in the truth.
        found: id in what was found.
        right_type: whether the type is right.
        distance_px: of the centrelines, in pixels.
        distance_mm: in millimetres; NaN where the spacing is unknown.
    """

    true: int
    found: int
    right_type: bool
    distance_px: LineDistance
    distance_mm: LineDistance


@dataclass(frozen=True)
class CatheterRecord:
    """Truth and findings of one frame, and what belongs together.

    Attributes:
        true: what of the truth is `distinguishable`, without pixels and mask.
        found: what was found, likewise.
        electrodes: indices of true and found electrodes, matched one-to-one within 3 pixels.
        catheters: true and found catheters, matched one-to-one.
        cl_dice: clDice of all centrelines of the frame.
        distance_px: distance of all centrelines of the frame to each other, in pixels.
        distance_mm: the same in millimetres; NaN where the spacing is unknown.
        true_components: connected components of the true mask.
        found_components: of the found one.
        hidden: true catheters that `distinguishable` left out.
    """

    true: FrameResult
    found: FrameResult
    electrodes: dict[int, int]
    catheters: list[CatheterPair]
    cl_dice: float
    distance_px: LineDistance
    distance_mm: LineDistance
    true_components: int
    found_components: int
    hidden: int


def record_catheters(true: FrameResult, found: FrameResult, types: CatheterTypes) -> CatheterRecord:
    """Compare a frame's truth with what was found.

    Args:
        true: as `true_frames` gives it.
        found: on the same pixel grid, after the tracker.
        types: the table that the types were found with.
    """
    shown = distinguishable(true)
    true_lines, found_lines = _lines(shown), _lines(found)
    electrodes = _matched_electrodes(shown, found)
    spacing = shown.mm_per_pixel
    pairs = [
        CatheterPair(
            i,
            j,
            is_right_type(shown.catheters[i].type, found.catheters[j].type, types),
            *_distances(found_lines[j], true_lines[i], spacing),
        )
        for i, j in _matched_catheters(shown, found, true_lines, found_lines, electrodes)
    ]
    all_true, all_found = (np.concatenate([np.empty((0, 2)), *lines]) for lines in (true_lines, found_lines))
    distance_px, distance_mm = _distances(all_found, all_true, spacing)
    return CatheterRecord(
        true=_without_pixels(shown),
        found=_without_pixels(found),
        electrodes=electrodes,
        catheters=pairs,
        cl_dice=centerline_dice(all_found, all_true, found_mask=found.mask > 0, true_mask=true.mask > 0),
        distance_px=distance_px,
        distance_mm=distance_mm,
        true_components=_components(true.mask),
        found_components=_components(found.mask),
        hidden=len(true.catheters) - len(shown.catheters),
    )


def is_right_type(true: str, found: str, types: CatheterTypes) -> bool:
    """Tell whether an annotated type may be found as this one; those that the table does not hold are `unknown`."""
    if found == UNKNOWN:
        return all(true not in item.annotated_as for item in types.by_name.values())
    return found in types.by_name and true in types.by_name[found].annotated_as


def _lines(frame: FrameResult) -> list[np.ndarray]:
    """Points (M, 2) along each catheter."""
    return [centerline_points(catheter.centerline, frame.mask) for catheter in frame.catheters]


def _matched_electrodes(true: FrameResult, found: FrameResult) -> dict[int, int]:
    first, second = matched_pairs(_xy(true.electrodes), _xy(found.electrodes), TOLERANCE_PIXELS)
    return dict(zip(first.tolist(), second.tolist(), strict=True))


def _xy(electrodes: Sequence[Electrode]) -> np.ndarray:
    return np.array([(electrode.x, electrode.y) for electrode in electrodes]).reshape(-1, 2)


def _components(mask: np.ndarray) -> int:
    return int(label(mask, connectivity=2).max())


def _without_pixels(frame: FrameResult) -> FrameResult:
    """The frame in little memory: an evaluation keeps all of them."""
    nothing = np.empty((0, 0))
    return replace(frame, pixels=nothing, mask=nothing)


def _distances(found: np.ndarray, true: np.ndarray, spacing: np.ndarray) -> tuple[LineDistance, LineDistance]:
    unknown = LineDistance(math.nan, math.nan)
    in_mm = unknown if np.isnan(spacing).any() else line_distance(found * spacing, true * spacing)
    return line_distance(found, true), in_mm


def _matched_catheters(
    true: FrameResult,
    found: FrameResult,
    true_lines: Sequence[np.ndarray],
    found_lines: Sequence[np.ndarray],
    electrodes: dict[int, int],
) -> list[tuple[int, int]]:
    """Ids of true and found catheters, one-to-one, so that they share most electrodes and most centreline."""
    similarity = np.zeros((len(true_lines), len(found_lines)))
    for i, catheter in enumerate(true.catheters):
        for j, other in enumerate(found.catheters):
            total = len(catheter.electrodes) + len(other.electrodes)
            shared = sum(electrodes.get(index) in other.electrodes for index in catheter.electrodes)
            overlap = line_overlap(found_lines[j], true_lines[i], TOLERANCE_PIXELS)
            similarity[i, j] = (overlap + 2 * shared / total) / 2 if total else overlap
    pairs = zip(*linear_sum_assignment(similarity, maximize=True), strict=True)
    return [(int(i), int(j)) for i, j in pairs if similarity[i, j] >= LEAST_SIMILARITY]
