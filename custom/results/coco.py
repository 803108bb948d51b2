"""COCO JSON of a whole run, for annotation tools: what was found becomes a start for annotating."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ignite.distributed as idist

from custom.data.converters.to_coco import CocoContent, electrode_annotation, mask_annotation
from custom.postprocessing.result import Electrode, FrameResult
from custom.results.format import ResultFormat


class CocoDocument(ResultFormat):
    """`coco.json` for all files together; `catheter convert coco` reads it.

    Masks are run lengths, so a frame takes a few kilobytes until the run ends. Of several processes each writes its
    own: `coco_1.json`, ...
    """

    def __init__(self, folder: Path, *, keep_identifiers: bool = False) -> None:
        super().__init__(folder, keep_identifiers=keep_identifiers)
        self._content = CocoContent()

    def add(self, result: FrameResult) -> None:
        """Take a frame."""
        self._content.add(_image(result), _annotations(result))

    def finish(self, *, complete: bool) -> list[Path]:
        """Nothing is written before the run ends."""
        return []

    def close(self) -> list[Path]:
        """Write the document."""
        rank = idist.get_rank()
        path = self.folder / ("coco.json" if rank == 0 else f"coco_{rank}.json")
        self._content.write(path)
        return [path]


def _image(result: FrameResult) -> dict[str, Any]:
    rows, columns = result.mask.shape
    more: dict[str, Any] = {"annotated": ["mask", "electrodes"]}
    if result.frames > 1:
        more["frame"] = result.frame_index
    if result.pixel_spacing_mm is not None:
        more |= {"pixel_spacing_mm": list(result.pixel_spacing_mm), "spacing_plane": result.spacing_plane}
    return {"file_name": result.source, "width": columns, "height": rows, "datalist": more}


def _annotations(result: FrameResult) -> Iterator[dict[str, Any]]:
    if result.mask.any():
        yield mask_annotation(result.mask)
    for electrode in result.electrodes:
        yield {"score": electrode.score, **electrode_annotation(_entry(electrode))}


def _entry(electrode: Electrode) -> dict[str, Any]:
    box = {"x": electrode.x, "y": electrode.y, "width": electrode.width, "height": electrode.height}
    place = {"catheter": electrode.catheter, "pole": electrode.pole}
    return box | {key: value for key, value in place.items() if value is not None}
