"""From decoded masks and electrodes to catheters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.transforms import Transform
from monai.utils import convert_to_numpy

from custom.postprocessing.catheter_types.table import load_catheter_types
from custom.postprocessing.catheters.find import find_catheters
from custom.postprocessing.electrode_spread import with_spread
from custom.transforms.decode import PROBABILITY


class FindCathetersd(Transform):
    """Orders electrodes on catheters and names the catheters' types, after `DecodePredictiond`.

    Args:
        types: a table of catheter types in place of `custom/postprocessing/catheter_types/catheter_types.yaml`.

    Raises:
        InputError: the table is not as it should be.
    """

    def __init__(self, types: str | Path | None = None) -> None:
        load_catheter_types(types)  # a faulty table is refused before the first frame
        self.types = types

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Find the catheters of one sample.

        Args:
            data: holds `pred`, a (1, rows, columns) mask, and `pred_electrodes`, (K, 5) x, y, width, height, score, and
                may hold `mask_probability`, of the mask's shape, `pixel_spacing_mm`, row and column, NaN where unknown,
                and `electrode_spread`, (K,) pixels.

        Returns:
            `data` with `electrodes_found` and `catheters_found`, tuples of `Electrode` and `Catheter`, without
            `mask_probability`.
        """
        spacing, probability = data.get("pixel_spacing_mm"), data.get(PROBABILITY)
        electrodes, catheters = find_catheters(
            convert_to_numpy(data["pred"])[0],
            convert_to_numpy(data["pred_electrodes"]),
            probability=None if probability is None else convert_to_numpy(probability)[0],
            pixel_spacing_mm=None if spacing is None else [float(value) for value in spacing],
            types=self.types,
        )
        if "electrode_spread" in data:
            electrodes = with_spread(electrodes, convert_to_numpy(data["electrode_spread"]))
        found = {"electrodes_found": electrodes, "catheters_found": catheters}
        return {key: value for key, value in data.items() if key != PROBABILITY} | found
