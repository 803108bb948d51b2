"""Everything that was found, for programs: `docs/results.schema.json` describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from custom.postprocessing.result import FrameResult, plain_result
from custom.results.format import ResultFormat
from custom.results.json_stream import JsonStream

VERSION = 2
COORDINATES = "pixels of the original frame: x right, y down, a pixel's centre at its integer coordinate"


class JsonDocument(ResultFormat):
    """`NAME.json`: one document for each input file."""

    def start(self, first: FrameResult) -> None:
        """Write what holds for the whole file."""
        rows, columns = first.pixels.shape
        head = {
            "version": VERSION,
            "source": first.source,
            "rows": rows,
            "columns": columns,
            "coordinates": COORDINATES,
            "frames_in_file": first.frames,
            "engine": first.engine,
        }
        self._stream = JsonStream(self.folder / f"{first.source}.json", head, "frames")
        self._pending = [self._stream]

    def add(self, result: FrameResult) -> None:
        """Write a frame."""
        self._stream.add(frame_document(result))

    def finish(self, *, complete: bool) -> list[Path]:
        """Say whether all frames are there."""
        return [self._stream.finish({"complete": complete})]


def frame_document(result: FrameResult) -> dict[str, Any]:
    """Everything about a frame but its pixels, as plain Python values."""
    return {
        "frame": result.frame_index,
        "pixel_spacing_mm": None if result.pixel_spacing_mm is None else list(result.pixel_spacing_mm),
        "spacing_plane": result.spacing_plane,
        "flags": list(result.flags),
        "feature_distance": result.feature_distance,
        "network_scale": result.network_scale,
        **plain_result(result.electrodes, result.catheters),
    }
