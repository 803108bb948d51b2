"""The best, the median and the worst frames of an evaluation in one picture."""

from __future__ import annotations

import gc
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from custom.files import replacing
from custom.metrics import FramePicture, FrameRecord
from custom.metrics.matching import TOLERANCE_PIXELS
from custom.visualization.overlay import draw_overlay
from custom.visualization.result_overlay import picture_zoom

MOST_OF_A_KIND = 4
LEGEND = "mask: blue found, orange false, purple missed; electrodes: yellow circles found, purple crosses true"


def contact_sheet(records: Sequence[FrameRecord], path: str | Path) -> None:
    """Write a PNG of the best, the median and the worst frames, each with J and its electrodes within 3 pixels.

    Frames are ranked by the mean of J and of the electrodes' F1 score, or the one of them that is annotated.

    Args:
        records: of `CatheterMetrics(keep_pictures=True)`; those without a picture or without labels are left out.
        path: of the PNG.
    """
    shown = [record for record in records if record.picture is not None and not math.isnan(frame_quality(record))]
    ranked = sorted(shown, key=frame_quality, reverse=True)
    _write_figure(_rows(ranked), LEGEND if ranked else "no annotated frames", path)
    # A figure is a ring of references, which a long training would hold on to for many epochs, megabytes each.
    gc.collect()


def frame_quality(record: FrameRecord) -> float:
    """The mean of J and F1: 1 where nothing is there and nothing was found, NaN where nothing is annotated."""
    defined = [value for value in (record.region_similarity, _f1(record)) if not math.isnan(value)]
    return float(np.mean(defined)) if defined else math.nan


def _f1(record: FrameRecord) -> float:
    if record.true_boxes is None:
        return math.nan
    total = len(record.true_boxes) + len(record.electrodes)
    return 2 * len(record.displacements(TOLERANCE_PIXELS)) / total if total else 1.0


def _rows(ranked: Sequence[FrameRecord]) -> dict[str, Sequence[FrameRecord]]:
    """Frames of each kind, no frame twice."""
    count = min(MOST_OF_A_KIND, len(ranked) // 3)
    if count == 0:
        return {"best to worst": ranked}
    middle = (len(ranked) - count) // 2
    return {"best": ranked[:count], "median": ranked[middle : middle + count], "worst": ranked[-count:]}


def _write_figure(rows: Mapping[str, Sequence[FrameRecord]], legend: str, path: str | Path) -> None:
    width = max(1, *map(len, rows.values()))
    figure = Figure(figsize=(4 * width, 4.4 * len(rows) + 0.4), layout="constrained")
    grid = figure.subplots(len(rows), width, squeeze=False)
    for axis in grid.flat:
        axis.axis("off")
    for (title, members), axes in zip(rows.items(), grid, strict=True):
        for record, axis in zip(members, axes, strict=False):
            _draw(axis, record, title)
    figure.supxlabel(legend, fontsize=9)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=140)


def _draw(axis: Axes, record: FrameRecord, title: str) -> None:
    assert record.picture is not None
    axis.imshow(_picture(record, record.picture), interpolation="antialiased")
    axis.set_title(f"{title}: {record.name}\n{_caption(record)}", fontsize=8)


def _picture(record: FrameRecord, picture: FramePicture) -> np.ndarray:
    geometry = picture.geometry
    pixels = geometry.image_to_frame(torch.from_numpy(picture.pixels)[None].float())[0].numpy()
    true_mask = None if picture.true_mask is None else _unpacked(picture.true_mask, pixels.shape)
    return draw_overlay(
        pixels,
        _unpacked(picture.found_mask, pixels.shape),
        record.electrodes,
        truth_mask=true_mask,
        truth_electrodes=record.true_boxes,
        zoom=picture_zoom(pixels.shape),
    )


def _unpacked(bits: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.unpackbits(bits, count=math.prod(shape)).reshape(shape)


def _caption(record: FrameRecord) -> str:
    parts = [] if math.isnan(record.region_similarity) else [f"J {record.region_similarity:.2f}"]
    if record.true_boxes is not None:
        matched = len(record.displacements(TOLERANCE_PIXELS))
        parts.append(f"electrodes {matched} of {len(record.true_boxes)}, {len(record.electrodes) - matched} false")
    return ", ".join(parts)
