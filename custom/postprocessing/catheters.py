"""From a mask and electrodes to catheters (paper, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custom.postprocessing.catheter_assignment import assign, candidates_of
from custom.postprocessing.catheter_row_features import ElectrodeRow
from custom.postprocessing.catheter_rows import FittedRow, Row, order_on_star
from custom.postprocessing.catheter_type_fit import TypeFit, fit_star, fit_type
from custom.postprocessing.catheter_types import CatheterTypes, load_catheter_types
from custom.postprocessing.catheter_weaving import weave
from custom.postprocessing.centerlines import find_centerlines
from custom.postprocessing.polyline import polyline_length
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
    rows = weave(frame.rows(np.asarray(mask) > 0), boxes[:, :2], frame.fitted)
    rows = [row for row in rows if row.electrodes or row.line.length >= _LEAST_LENGTH_PX]
    rows.sort(key=lambda row: -row.line.length)
    catheters = tuple(frame.catheter(number, row) for number, row in enumerate(rows))
    return _electrodes(boxes, catheters), catheters


@dataclass(frozen=True)
class _Frame:
    """What holds for all catheters of a frame."""

    boxes: np.ndarray
    spacing_mm: np.ndarray | None
    table: CatheterTypes

    def rows(self, mask: np.ndarray) -> list[FittedRow]:
        """The lines of a mask with their electrodes."""
        lines = find_centerlines(mask, self.boxes[:, :4], lambda row: self.fit(row).cost)
        candidates = candidates_of(lines, self.boxes[:, :4])
        rows = assign(candidates, lambda number, row: self.fitted(candidates.row(lines[number], number, row)).fit.cost)
        return [self.fitted(candidates.row(line, number, rows[number])) for number, line in enumerate(lines)]

    def fit(self, row: ElectrodeRow) -> TypeFit:
        """The type of a row."""
        return fit_type(row, self.table, float(self.spacing_mm.mean()) if self.spacing_mm is not None else np.nan)

    def fitted(self, row: Row) -> FittedRow:
        """A row from its tip, with its type."""
        row = row.from_tip()
        star = row.line.star
        if star is not None:
            return FittedRow(
                row.line, row.electrodes, row.along, fit=fit_star(len(row.electrodes), len(star.arms), self.table)
            )
        measured = row.measured(self.boxes)
        return FittedRow(row.line, row.electrodes, row.along, row.woven, self.fit(measured), measured.tip_cost())

    def catheter(self, number: int, row: FittedRow) -> Catheter:
        """The catheter of a row."""
        points, electrodes = row.line.points, list(row.electrodes)
        if row.line.star is not None:
            electrodes = order_on_star(row.line.star, electrodes, self.boxes[:, :2])
        return Catheter(
            id=number,
            type=row.fit.name,
            type_confidence=row.fit.confidence,
            centerline=points,
            tip_known=row.tip_is_seen(),
            electrodes=tuple(electrodes),
            length_px=row.line.length,
            length_mm=None if self.spacing_mm is None else polyline_length(points * self.spacing_mm[::-1]),
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
