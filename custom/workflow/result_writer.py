"""Inference results on disk: masks, overlays and one JSON file for each input file."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ignite.engine import Engine, Events

from custom.files import replacing, write_image
from custom.visualization import draw_overlay

RESULT_VERSION = 1
ELECTRODE_FIELDS = ("x", "y", "width", "height", "score")


class ResultWriter:
    """Writes what the network found, frame by frame, as it comes.

    For an input file `NAME` it writes `NAME_mask.png` (0 and 255, original grid), `NAME_overlay.png` and
    `NAME.json`; frames of a multi-frame file carry their number. Sub-folders of the input are kept.

    Args:
        folder: where the files go.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.frames = 0
        self.source: str | None = None

    def attach(self, engine: Engine) -> None:
        """Attach to an evaluator whose postprocessing is `DecodePredictiond`."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.write_frames)
        engine.add_event_handler(Events.COMPLETED, self.finish_file)
        engine.add_event_handler(Events.COMPLETED, self.report)

    def write_frames(self, engine: Engine) -> None:
        """Write masks and overlays of the batch; a file whose last frame has been seen gets its JSON."""
        for item, output in zip(engine.state.batch, engine.state.output, strict=True):
            if item["source"] != self.source:
                self.finish_file(engine)
                self.source = item["source"]
                self.document = _document(item)
            self.document["frames"].append(self._write_frame(item, output))
            self.frames += 1

    def _write_frame(self, item: Mapping[str, Any], output: Mapping[str, Any]) -> dict[str, Any]:
        stem = _stem(item)
        mask = np.asarray(output["pred"][0], dtype=np.uint8)
        electrodes = np.asarray(output["pred_electrodes"], dtype=float)
        mask_path, overlay_path = self.folder / f"{stem}_mask.png", self.folder / f"{stem}_overlay.png"
        write_image(mask_path, mask * 255)
        write_image(overlay_path, draw_overlay(np.asarray(item["frame_pixels"][0]), mask, electrodes))
        return {
            "frame": int(item["frame_index"]),
            "mask": str(mask_path.relative_to(self.folder)),
            "overlay": str(overlay_path.relative_to(self.folder)),
            "electrodes": [dict(zip(ELECTRODE_FIELDS, map(float, row), strict=True)) for row in electrodes],
        }

    def finish_file(self, engine: Engine) -> None:
        """Write the JSON of the file whose frames have all been seen."""
        if self.source is None:
            return
        path = self.folder / f"{self.source}.json"
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(self.document, indent=1) + "\n")
        self.source = None

    def report(self, engine: Engine) -> None:
        """Say what was written and where."""
        logging.getLogger("catheter.infer").info(
            f"wrote masks, overlays and JSON of {self.frames} frames to {self.folder}"
        )


def _stem(item: Mapping[str, Any]) -> str:
    """The file's name with its suffix, so that `a.png` and `a.dcm` differ, and the frame's number in a cine."""
    return item["source"] if int(item["frames"]) == 1 else f"{item['source']}_{int(item['frame_index']):04d}"


def _document(item: Mapping[str, Any]) -> dict[str, Any]:
    rows, columns = item["frame_pixels"].shape[-2:]
    spacing = [float(value) for value in item["pixel_spacing_mm"]]
    known = all(math.isfinite(value) for value in spacing)
    return {
        "version": RESULT_VERSION,
        "source": item["source"],
        "rows": int(rows),
        "columns": int(columns),
        "coordinates": "pixels of the original frame: x right, y down, a pixel's centre at its integer coordinate",
        "pixel_spacing_mm": spacing if known else None,
        "spacing_plane": item["spacing_plane"] if known else None,
        "frames": [],
    }
