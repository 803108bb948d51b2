"""3D Slicer markups: electrodes as points, centrelines as curves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from custom.postprocessing.result import Catheter, FrameResult
from custom.results.format import ResultFormat
from custom.results.json_stream import JsonStream

SCHEMA = (
    "https://raw.githubusercontent.com/Slicer/Slicer/main/"
    "Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#"
)
MILLIMETRE = ["mm", "UCUM", "millimeter"]
PIXEL = ["{pixels}", "UCUM", "pixels"]


class SlicerMarkups(ResultFormat):
    """`NAME.mrk.json`: all frames of a file, frame n at height n, where `NAME_mask.nii.gz` has it too.

    Positions are LPS: (x * column spacing, y * row spacing, n), in mm of the frame's spacing plane where the spacing is
    known and in pixels otherwise; `coordinateUnits` says which.
    """

    def start(self, first: FrameResult) -> None:
        """Begin the list of markups."""
        self._stream = JsonStream(self.folder / f"{first.source}.mrk.json", {"@schema": SCHEMA}, "markups")
        self._pending = [self._stream]

    def add(self, result: FrameResult) -> None:
        """Write a frame's points and curves."""
        for markup in _markups(result):
            self._stream.add(markup)

    def finish(self, *, complete: bool) -> list[Path]:
        """Move the file into place."""
        return [self._stream.finish({"complete": complete})]


def _markups(result: FrameResult) -> Iterator[dict[str, Any]]:
    place = "" if result.frames == 1 else f" frame {result.frame_index}"
    numbers: dict[int | None, int] = {catheter.id: catheter.number for catheter in result.catheters}
    points = [
        _point(result, electrode.x, electrode.y, _label(index, numbers.get(electrode.catheter), electrode.pole))
        for index, electrode in enumerate(result.electrodes)
    ]
    if points:
        yield _markup(result, "Fiducial", f"electrodes{place}", points)
    for catheter in result.catheters:
        curve = [_point(result, x, y, "") for x, y in catheter.centerline.tolist()]
        yield _markup(result, "Curve", f"{_name(catheter)}{place}", curve)


def _label(index: int, catheter: int | None, pole: int | None) -> str:
    return f"e{index}" if catheter is None or pole is None else f"c{catheter} electrode {pole + 1}"


def _name(catheter: Catheter) -> str:
    return f"c{catheter.number} {catheter.type}"


def _markup(result: FrameResult, kind: str, name: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": kind,
        "name": name,
        "coordinateSystem": "LPS",
        "coordinateUnits": PIXEL if result.pixel_spacing_mm is None else MILLIMETRE,
        "description": f"spacing plane: {result.spacing_plane or 'unknown, positions are pixels'}",
        "locked": True,
        "controlPoints": points,
    }


def _point(result: FrameResult, x: float, y: float, label: str) -> dict[str, Any]:
    row_mm, column_mm = result.pixel_spacing_mm or (1.0, 1.0)
    position = [round(x * column_mm, 4), round(y * row_mm, 4), float(result.frame_index)]
    return {"label": label, "position": position, "positionStatus": "defined"}
