"""The numbers of a whole split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from custom.metrics.average_precision import average_precision
from custom.metrics.frame_record import FrameRecord, Unit
from custom.metrics.matching import TOLERANCE_PIXELS
from custom.metrics.statistics import ERROR_STATISTICS, error_statistics, mean, ratio

Records = Sequence[FrameRecord]
LEAST_PIECE_PIXELS = 25
FARTHEST_MATCH_PIXELS = 16.0  # from a true electrode to the one found for it, in the error statistics
TOLERANCES: tuple[tuple[float, Unit], ...] = ((TOLERANCE_PIXELS, "px"), (1, "mm"), (2, "mm"))


def summarize(records: Records) -> dict[str, float]:
    """Sum a split up; a frame that a task is not annotated for counts nowhere in that task's numbers.

    Args:
        records: one a frame.

    Returns:
        `AP`, `AP50`, `AP75` and `box_side_px`, the mean side of the true boxes, which average precision depends on;
        `J`, the mean region similarity of the frames; `mean_kpi`, the mean of AP and J, or the one of them that is
        defined; `precision_...` and `recall_...` of electrodes within 3 pixels and 1 and 2 mm; `error_..._px` and
        `_mm`, the distance from true to found electrodes, of those matched within 16 pixels of the original frame;
        `false_alarm_electrode` and `false_alarm_mask`, the shares of the frames without devices on which an electrode,
        or a piece of mask of at least 25 pixels, was found. Millimetres are those of the frames whose spacing is known.
        What is undefined is NaN.
    """
    pairs = [(record.true_boxes, record.found_boxes) for record in records if record.true_boxes is not None]
    true_boxes = [true for true, _ in pairs]
    summary = average_precision(true_boxes, [found for _, found in pairs])
    summary["box_side_px"] = mean(np.concatenate([np.empty(0), *(boxes[:, 2:].ravel() for boxes in true_boxes)]))
    summary["J"] = mean(record.region_similarity for record in records)
    summary["mean_kpi"] = mean([summary["AP"], summary["J"]])
    for tolerance, unit in TOLERANCES:
        summary |= _precision_and_recall(records, tolerance, unit)
    in_px = [record.displacements(FARTHEST_MATCH_PIXELS) for record in records]
    in_mm = [vectors * record.mm_per_pixel for vectors, record in zip(in_px, records, strict=True)]
    summary |= error_statistics("error", in_px, in_mm, statistics=list(ERROR_STATISTICS))
    return summary | _false_alarms(records)


def _precision_and_recall(records: Records, tolerance: float, unit: Unit) -> dict[str, float]:
    measured = [record for record in records if record.has_labels(unit)]
    matched = sum(len(record.displacements(tolerance, unit)) for record in measured)
    found = sum(len(record.electrodes) for record in measured)
    true = sum(record.true_electrode_count or 0 for record in measured)
    return {
        f"precision_{tolerance:g}{unit}": ratio(matched, found),
        f"recall_{tolerance:g}{unit}": ratio(matched, true),
    }


def _false_alarms(records: Records) -> dict[str, float]:
    empty = [record for record in records if record.shows_nothing]
    masked = [record for record in empty if record.true_mask_pixels is not None]
    return {
        "false_alarm_electrode": mean(len(record.electrodes) > 0 for record in empty),
        "false_alarm_mask": mean(record.largest_piece_pixels >= LEAST_PIECE_PIXELS for record in masked),
    }
