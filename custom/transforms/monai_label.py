"""A frame's results as MONAI Label's server writes and sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from monai.transforms import Transform
from monai.utils import convert_to_numpy

from custom.postprocessing.result import plain_result
from custom.transforms.load import known_spacing


class MonaiLabelReplyd(Transform):
    """Hands the results over to MONAI Label, as the last transform; elsewhere nothing changes.

    Its writer wants the mask as (columns, rows) without a channel, and it replies with `result`, which is what
    `NAME.json` says about a frame. Only MONAI Label's requests have an `image_path`.
    """

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Turn `pred` (1, rows, columns) into a (columns, rows) uint8 array and add `result`, plain Python values."""
        if "image_path" not in data:
            return dict(data)
        mask = convert_to_numpy(data["pred"], dtype=np.uint8)
        result = {**plain_result(data["electrodes_found"], data["catheters_found"]), **_about_frame(data)}
        return {**data, "pred": np.ascontiguousarray(mask[0].T), "result": result}


def _about_frame(data: Mapping[str, Any]) -> dict[str, Any]:
    spacing, plane = known_spacing(data)
    return {
        "pixel_spacing_mm": None if spacing is None else list(spacing),
        "spacing_plane": plane,
        "flags": list(data.get("flags") or ()),
    }
