"""From a mask and electrodes to catheters (paper, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from scipy.spatial import KDTree
from skimage.measure import block_reduce

from custom.postprocessing.catheter_types.fit import fit_star, fit_type, least_cost
from custom.postprocessing.catheter_types.row import ElectrodeRow
from custom.postprocessing.catheter_types.table import CatheterTypes, load_catheter_types
from custom.postprocessing.catheters.assignment import Assignment, LineRow, candidates_of
from custom.postprocessing.catheters.bridging import bridge
from custom.postprocessing.catheters.confidence import catheter_confidence
from custom.postprocessing.catheters.false_electrodes import without_false
from custom.postprocessing.catheters.rows import FittedRow, Row, least_row_cost, order_on_star
from custom.postprocessing.catheters.weaving import weave
from custom.postprocessing.centerlines.centerline import Centerline
from custom.postprocessing.centerlines.find import find_centerlines
from custom.postprocessing.polyline import polyline_length, values_at
from custom.postprocessing.result import Catheter, Electrode

_LEAST_LENGTH_MM, _LEAST_LENGTH_PX = 20.0, 32.0  # of a device without electrodes; in pixels where they have no size
_ALONGSIDE_PX = 3.0
_WORKING_SIZE = 320  # pixels; larger frames are halved, or more, so that lengths in pixels mean the same on all


def find_catheters(
    mask: np.ndarray,
    electrodes: np.ndarray,
    *,
    probability: np.ndarray | None = None,
    pixel_spacing_mm: Sequence[float] | None = None,
    types: str | Path | None = None,
) -> tuple[tuple[Electrode, ...], tuple[Catheter, ...]]:
    """Find the catheters of a frame and the order of their electrodes.

    Args:
        mask: (rows, columns), true on catheters and wires.
        electrodes: (K, 5) x, y, width, height in pixels and score, in any order.
        probability: (rows, columns) in [0, 1] of the mask, for the catheters' confidence; `None` where it is certain.
        pixel_spacing_mm: row and column; `None` or not finite where unknown.
        types: a table of types in place of `catheter_types.yaml`.

    Returns:
        The electrodes in the order given, with catheter and pole, and the catheters by id, the longest first.

    Raises:
        InputError: the table of types is not as it should be.
    """
    given = np.asarray(electrodes, dtype=float).reshape(-1, 5)
    mask = np.asarray(mask) > 0
    order = np.lexsort(given.T)  # the result depends on what there is, not on the order in which it is given
    step = max(1, round(max(mask.shape) / _WORKING_SIZE))
    table = load_catheter_types(types)
    frame = _Frame(_coarser(mask, step), given[order], step, _known(pixel_spacing_mm), table)
    probability = mask.astype(np.float32) if probability is None else probability
    catheters = tuple(frame.catheter(number, row, order, probability) for number, row in enumerate(frame.rows()))
    return _electrodes(given, catheters), catheters


class _Frame:
    """A frame on the grid of `step` times fewer pixels on which its catheters are found."""

    def __init__(
        self, mask: np.ndarray, electrodes: np.ndarray, step: int, spacing_mm: np.ndarray | None, table: CatheterTypes
    ) -> None:
        self.mask = mask
        self.step = step
        self.spacing_mm = spacing_mm
        self.table = table
        self.scores = electrodes[:, 4]
        self.boxes = electrodes[:, :4] / step
        self.boxes[:, :2] += 0.5 / step - 0.5
        self.pixel_mm = step * float(spacing_mm.mean()) if spacing_mm is not None else np.nan

    def rows(self) -> list[FittedRow]:
        """The lines of the mask with their electrodes, the longest first."""
        lines = find_centerlines(self.mask, self.boxes, self._pattern_cost, self._least_cost)
        rows = weave(self._assigned(lines), self.boxes[:, :2], self._fitted)
        rows = [without_false(row, self.scores, self._fitted) for row in bridge(rows, self._fitted)]
        least = _LEAST_LENGTH_MM / self.pixel_mm if np.isfinite(self.pixel_mm) else _LEAST_LENGTH_PX
        rows = [row for row in rows if row.electrodes or _stretch_alone(row, rows) >= least]
        return sorted(rows, key=lambda row: -row.line.length)

    def _assigned(self, lines: list[Centerline]) -> list[FittedRow]:
        """Each line with its electrodes."""
        candidates = candidates_of(lines, self.boxes)

        @cache
        def fitted(row: LineRow) -> FittedRow:
            return self._fitted(candidates.row(lines[row.line], row))

        def least_cost(line: int, along: list[float]) -> float:
            return least_row_cost(lines[line], along, self._least_cost)

        owned = Assignment(candidates, lambda row: fitted(row).cost(), least_cost).improved()
        return [fitted(LineRow(line, own)) for line, own in enumerate(owned)]

    def _pattern_cost(self, row: ElectrodeRow) -> float:
        return fit_type(row, self.table, self.pixel_mm).cost

    def _least_cost(self, count: int, cut: bool) -> float:
        return least_cost(count, self.table, cut=cut)

    def _fitted(self, row: Row) -> FittedRow:
        """A row from its tip, with its type."""
        row = row.from_tip()
        if row.line.star is not None:
            fit = fit_star(len(row.electrodes), len(row.line.star.arms), self.table)
            return FittedRow(row.line, row.electrodes, row.along, fit=fit)
        measured = row.measured(self.boxes)
        fit = fit_type(measured, self.table, self.pixel_mm)
        return FittedRow(row.line, row.electrodes, row.along, row.woven, row.bridged, fit, measured.tip_cost())

    def catheter(self, number: int, row: FittedRow, order: np.ndarray, probability: np.ndarray) -> Catheter:
        """The catheter of a row.

        Args:
            number: its id.
            row: on the coarser grid.
            order: the indices of the frame's electrodes as they were given.
            probability: (rows, columns) of the mask on the frame's own grid.
        """
        own = list(row.electrodes)
        if row.line.star is not None and own:
            own = order_on_star(row.line.star, own, self.boxes[:, :2])
        points = (row.line.points + 0.5) * self.step - 0.5
        length_px = polyline_length(points)
        return Catheter(
            id=number,
            type=row.fit.name,
            type_confidence=row.fit.confidence,
            centerline=points,
            tip_known=row.tip_is_seen(),
            electrodes=tuple(order[own].tolist()),
            length_px=length_px,
            length_mm=None if self.spacing_mm is None else polyline_length(points * self.spacing_mm[::-1]),
            confidence=catheter_confidence(
                values_at(points, probability), length_px / max(probability.shape), self.scores[own].tolist()
            ),
        )


def _stretch_alone(row: FittedRow, rows: Sequence[FittedRow]) -> float:
    """Length in pixels of the part of a row's line that no other line runs along."""
    if not row.line.joins:
        return row.line.length
    others = np.concatenate([other.line.points for other in rows if other is not row])
    distance, _ = KDTree(others).query(row.line.points, distance_upper_bound=_ALONGSIDE_PX)
    return float(np.isinf(distance).sum())


def _coarser(mask: np.ndarray, step: int) -> np.ndarray:
    """A mask of `step` times fewer rows and columns, on which lines of one pixel stay."""
    if step == 1:
        return mask
    return np.asarray(block_reduce(mask.astype(np.float32), (step, step), np.mean) >= 0.99 / step)


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
