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
from custom.transforms.load import known_spacing


def frame_result(item: Mapping[str, Any], output: Mapping[str, Any]) -> FrameResult:
    """Gather what is known about a frame.

    Args:
        item: the frame as it came from `FrameStream`.
        output: the same after postprocessing. Without `electrodes_found` and `catheters_found` (`FindCathetersd`) the
            electrodes of `pred_electrodes` lie on no catheter, and `electrode_spread` is aligned with them.
    """
    spacing, plane = known_spacing(item)
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
        pixel_spacing_mm=spacing,
        spacing_plane=plane,
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
