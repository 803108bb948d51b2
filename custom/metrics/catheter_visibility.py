"""Which true catheters can be told apart at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from custom.metrics.centerline import centerline_points
from custom.postprocessing.result import FrameResult

HIDDEN_PIXELS, HIDDEN_SHARE = 1.0, 0.9


def distinguishable(true: FrameResult) -> FrameResult:
    """Leave out catheters that no mask can show: those whose whole line lies on another's, as a sheath on its wire.

    A line counts as whole from 90 % on, within a pixel. Their electrodes stay, on no catheter.
    """
    lines = [centerline_points(catheter.centerline, true.mask) for catheter in true.catheters]
    kept = [catheter for catheter in true.catheters if not _is_hidden(catheter.id, lines)]
    numbers: dict[int | None, int] = {catheter.id: number for number, catheter in enumerate(kept)}
    electrodes = tuple(
        replace(one, catheter=numbers[one.catheter])
        if one.catheter in numbers
        else replace(one, catheter=None, pole=None, track=None)
        for one in true.electrodes
    )
    catheters = tuple(replace(catheter, id=numbers[catheter.id]) for catheter in kept)
    return replace(true, electrodes=electrodes, catheters=catheters)


def _is_hidden(number: int, lines: Sequence[np.ndarray]) -> bool:
    own = lines[number]
    for other, line in enumerate(lines):
        # Of two equal lines the first stays.
        longer = (len(line), -other) > (len(own), -number)
        if len(own) and longer and (cKDTree(line).query(own)[0] <= HIDDEN_PIXELS).mean() >= HIDDEN_SHARE:
            return True
    return False
