"""COCO JSON of a whole run, for annotation tools: what was found becomes a start for annotating."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ignite.distributed as idist

from custom.data.converters.to_coco import CATEGORIES, electrode_annotation, mask_annotation
from custom.files import write_text
from custom.postprocessing.result import Electrode, FrameResult
from custom.results.format import ResultFormat


class CocoDocument(ResultFormat):
    """`coco.json` for all files together; `catheter convert coco` reads it.

    Masks are run lengths, so a frame takes a few kilobytes until the run ends. Of several processes each writes its
    own: `coco_1.json`, ...
    """

    def __init__(self, folder: Path, *, keep_identifiers: bool = False) -> None:
        super().__init__(folder, keep_identifiers=keep_identifiers)
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    def add(self, result: FrameResult) -> None:
        """Take a frame."""
        number = len(self._images) + 1
        self._images.append({"id": number, **_image(result)})
        for annotation in _annotations(result):
            identity = {"id": len(self._annotations) + 1, "image_id": number, "iscrowd": 0}
            self._annotations.append({**identity, **annotation})

    def finish(self, *, complete: bool) -> list[Path]:
        """Nothing is written before the run ends."""
        return []

    def close(self) -> list[Path]:
        """Write the document."""
        rank = idist.get_rank()
        path = self.folder / ("coco.json" if rank == 0 else f"coco_{rank}.json")
        document = {"images": self._images, "annotations": self._annotations, "categories": CATEGORIES}
        write_text(path, json.dumps(document, indent=1, allow_nan=False))
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
