"""The mask as MONAI Label's server writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from monai.transforms import Transform
from monai.utils import convert_to_numpy


class MonaiLabelMaskd(Transform):
    """Hands `pred` over to MONAI Label's writer, which wants (columns, rows) without a channel; the last transform.

    Outside MONAI Label, whose requests alone have an `image_path`, nothing changes.
    """

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Turn `pred` (1, rows, columns) into a (columns, rows) uint8 array where MONAI Label asks."""
        if "image_path" not in data:
            return dict(data)
        mask = convert_to_numpy(data["pred"], dtype=np.uint8)
        return {**data, "pred": np.ascontiguousarray(mask[0].T)}
