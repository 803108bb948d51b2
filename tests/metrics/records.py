"""Frame records for tests."""

import math

import numpy as np

from custom.metrics import FrameRecord


def boxes(*rows, columns=4):
    return np.array(rows, dtype=float).reshape(-1, columns)


def record(true=None, found=(), *, j=math.nan, index=0, spacing=(math.nan, math.nan), minimum_score=0.3, **fields):
    """A record of electrodes given as (x, y, width, height) and (x, y, width, height, score)."""
    return FrameRecord(
        sample_index=index,
        name=fields.pop("name", f"frame{index}.png"),
        case=fields.pop("case", "a"),
        pixel_spacing_mm=spacing,
        spacing_plane=fields.pop("plane", ""),
        region_similarity=j,
        true_boxes=None if true is None else boxes(*true),
        found_boxes=boxes(*found, columns=5),
        minimum_score=minimum_score,
        **fields,
    )
