"""Metrics on disk."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from custom.files import write_text
from custom.metrics.frame_record import FrameRecord
from custom.metrics.matching import TOLERANCE_PIXELS
from custom.metrics.statistics import without_nan
from custom.tables import write_csv


def write_frame_table(records: Sequence[FrameRecord], path: str | Path) -> None:
    """Write a CSV with a line for each frame; what is undefined stays empty."""
    write_csv(path, [_frame_row(record) for record in records])


def _frame_row(record: FrameRecord) -> dict[str, Any]:
    """One frame's numbers, NaN or `None` where undefined.

    Lengths are in pixels of the original frame; errors are those of electrodes matched within 3 pixels.
    """
    errors = np.linalg.norm(record.displacements(TOLERANCE_PIXELS), axis=1)
    return {
        "name": record.name,
        "case": record.case,
        "J": record.region_similarity,
        "electrodes_true": record.true_electrode_count,
        "electrodes_found": len(record.electrodes),
        f"electrodes_matched_{TOLERANCE_PIXELS:g}px": None if record.true_boxes is None else len(errors),
        "error_median_px": np.median(errors) if len(errors) else math.nan,
        "error_max_px": errors.max() if len(errors) else math.nan,
        "row_spacing_mm": record.pixel_spacing_mm[0],
        "column_spacing_mm": record.pixel_spacing_mm[1],
        "spacing_plane": record.spacing_plane,
    }


def write_summary(summary: Mapping[str, float], records: Sequence[FrameRecord], path: str | Path) -> None:
    """Write JSON with the numbers of `summarize` and what they were measured on; what is undefined is `null`."""
    document = {
        "frames": len(records),
        "cases": len({record.case for record in records}),
        "frames_with_mask": sum(not math.isnan(record.region_similarity) for record in records),
        "frames_with_electrodes": sum(record.true_electrode_count is not None for record in records),
        "frames_without_devices": sum(record.shows_nothing for record in records),
        "electrodes": sum(record.true_electrode_count or 0 for record in records),
        "spacing_planes": sorted({record.spacing_plane for record in records if record.spacing_plane}),
        "metrics": without_nan(summary),
    }
    write_text(path, json.dumps(document, indent=2, allow_nan=False) + "\n")
