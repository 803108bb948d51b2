"""From a mask and electrodes to catheters (paper, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custom.postprocessing.catheter_assignment import assign, candidates_of
from custom.postprocessing.catheter_rows import Profile, order_on_star
from custom.postprocessing.catheter_type_fit import ElectrodeRow, TypeFit, fit_star, fit_type
from custom.postprocessing.catheter_types import CatheterTypes, load_catheter_types
from custom.postprocessing.centerline import find_centerlines
from custom.postprocessing.centerline_smoothing import arc_length
from custom.postprocessing.result import Catheter, Electrode

_LEAST_LENGTH_PX = 8


def find_catheters(
    mask: np.ndarray,
    electrodes: np.ndarray,
    *,
    pixel_spacing_mm: Sequence[float] | None = None,
    types: str | Path | None = None,
) -> tuple[tuple[Electrode, ...], tuple[Catheter, ...]]:
    """Find the catheters of a frame and the order of their electrodes.

    Args:
        mask: (rows, columns), true on catheters and wires.
        electrodes: (K, 5) x, y, width, height in pixels and score.
        pixel_spacing_mm: row and column; `None` or not finite where unknown.
        types: a table of types in place of `catheter_types.yaml`.

    Returns:
        The electrodes in the order given, with catheter and pole, and the catheters by id, the longest first.

    Raises:
        InputError: the table of types is not as it should be.
    """
    boxes = np.asarray(electrodes, dtype=float).reshape(-1, 5)
    frame = _Frame(boxes, _known(pixel_spacing_mm), load_catheter_types(types))
    lines = find_centerlines(np.asarray(mask) > 0, boxes[:, :4], lambda row: frame.fit_row(row).cost)
    candidates = candidates_of(lines, boxes[:, :4])
    profiles = [Profile.of(line, along) for line, along in zip(lines, candidates.along, strict=True)]
    rows = assign(candidates, lambda number, row: frame.fit(profiles[number], row).cost)
    found = [
        (profile, row)
        for profile, row in zip(profiles, rows, strict=True)
        if row or len(profile.line.points) >= _LEAST_LENGTH_PX
    ]
    found.sort(key=lambda item: -item[0].length)
    catheters = tuple(frame.catheter(number, profile, row) for number, (profile, row) in enumerate(found))
    return _electrodes(boxes, catheters), catheters


@dataclass(frozen=True)
class _Frame:
    """What holds for all catheters of a frame."""

    boxes: np.ndarray
    spacing_mm: np.ndarray | None
    table: CatheterTypes

    def fit(self, profile: Profile, row: Sequence[int]) -> TypeFit:
        if profile.line.arms:
            return fit_star(len(row), len(profile.line.arms), self.table)
        return self.fit_row(profile.row(row, self.boxes))

    def fit_row(self, row: ElectrodeRow) -> TypeFit:
        return fit_type(row, self.table, float(self.spacing_mm.mean()) if self.spacing_mm is not None else np.nan)

    def catheter(self, number: int, profile: Profile, row: list[int]) -> Catheter:
        from_tip = profile.starts_at_tip(row)
        points = profile.line.points if from_tip else profile.line.points[::-1]
        electrodes = row if from_tip else row[::-1]
        if profile.line.arms and row:
            electrodes = order_on_star(profile.line, row, self.boxes)
        fit = self.fit(profile, row)
        length_mm = None if self.spacing_mm is None else float(arc_length(points * self.spacing_mm[::-1])[-1])
        return Catheter(
            id=number,
            type=fit.name,
            type_confidence=fit.confidence,
            centerline=points,
            tip_known=profile.tip_is_seen(row),
            electrodes=tuple(electrodes),
            length_px=profile.length,
            length_mm=length_mm,
            confidence=float(self.boxes[electrodes, 4].mean()) if electrodes else 1.0,
        )


def _known(pixel_spacing_mm: Sequence[float] | None) -> np.ndarray | None:
    if pixel_spacing_mm is None:
        return None
    spacing = np.asarray(pixel_spacing_mm, dtype=float)
    return spacing if np.isfinite(spacing).all() else None


def _electrodes(boxes: np.ndarray, catheters: Sequence[Catheter]) -> tuple[Electrode, ...]:
    places = {index: (catheter.id, pole) for catheter in catheters for pole, index in enumerate(catheter.electrodes)}
    return tuple(
        Electrode(x, y, width, height, score, *places.get(index, (None, None)))
        for index, (x, y, width, height, score) in enumerate(boxes.tolist())
    )
