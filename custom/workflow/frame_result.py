"""From an item of the inference engine to a `FrameResult`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from monai.utils import convert_to_numpy

from custom.postprocessing.electrode_spread import with_spread
from custom.postprocessing.result import Electrode, FrameResult
from custom.transforms import FrameGeometry


def frame_result(item: Mapping[str, Any], output: Mapping[str, Any]) -> FrameResult:
    """Gather what is known about a frame.

    Args:
        item: the frame as it came from `FrameStream`.
        output: the same after postprocessing. Without `electrodes_found` and `catheters_found` (`FindCathetersd`) the
            electrodes of `pred_electrodes` lie on no catheter, and `electrode_spread` is aligned with them.
    """
    # By way of text: 0.3 in float32 is 0.30000001192092896 in float64.
    row_mm, column_mm = (float(str(np.float32(value))) for value in item["pixel_spacing_mm"])
    known = math.isfinite(row_mm) and math.isfinite(column_mm)
    distance = float(output.get("feature_distance", math.nan))
    return FrameResult(
        source=item["source"],
        path=item["path"],
        frame_index=int(item["frame_index"]),
        frames=int(item["frames"]),
        pixels=convert_to_numpy(item["frame_pixels"][0], dtype=np.float32),
        mask=convert_to_numpy(output["pred"][0], dtype=np.uint8),
        electrodes=_electrodes(output),
        catheters=output.get("catheters_found", ()),
        pixel_spacing_mm=(row_mm, column_mm) if known else None,
        spacing_plane=item["spacing_plane"] if known else None,
        flags=tuple(output.get("flags") or item.get("flags") or ()),
        feature_distance=distance if math.isfinite(distance) else None,
        network_scale=FrameGeometry.from_tensor(item["geometry"]).scale,
    )


def _electrodes(output: Mapping[str, Any]) -> tuple[Electrode, ...]:
    if "electrodes_found" in output:
        return tuple(output["electrodes_found"])
    electrodes = tuple(Electrode(*row) for row in convert_to_numpy(output["pred_electrodes"]).tolist())
    spread = output.get("electrode_spread")
    return electrodes if spread is None else with_spread(electrodes, convert_to_numpy(spread))
