"""Annotated sequences by hand: entries with files, and truth and findings with catheters that are easy to count."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from PIL import Image

from custom.metrics.catheter_evaluation import CatheterEvaluation
from custom.postprocessing.catheter_types.table import load_catheter_types
from custom.postprocessing.tracking.tracker import CatheterTracker
from tests.postprocessing.frames import COLUMNS, ROWS, make_frame, moved, row_of

SPACING = (0.5, 0.25)  # row, column
SINUS_AT = row_of(10)
ABLATION_AT = np.array([[60, 150], [75, 150], [85, 150], [105, 150.0]])


def sinus(dx=0.0, dy=0.0, **changes):
    return {"at": moved(SINUS_AT, dx, dy), "type": "coronary sinus", **changes}


def ablation(dx=0.0, dy=0.0, **changes):
    return {"at": moved(ABLATION_AT, dx, dy), "type": "ablation", **changes}


def true_frame(catheters, index=0, source="case/run"):
    """The truth: tracks are the positions in the list, electrodes' tracks likewise."""
    frame = replace(make_frame(catheters, index=index, spacing=SPACING), source=source, mask=drawn(catheters))
    electrodes = tuple(replace(e, track=100 * (e.catheter or 0) + (e.pole or 0)) for e in frame.electrodes)
    found = tuple(replace(catheter, track=catheter.id) for catheter in frame.catheters)
    return replace(frame, electrodes=electrodes, catheters=found)


def found_frame(catheters, index=0, **options):
    return replace(make_frame(catheters, index=index, spacing=SPACING, **options), mask=drawn(catheters))


def drawn(catheters):
    """A mask along the catheters, three pixels wide."""
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    for item in catheters:
        line = np.asarray(item.get("line", item["at"]), dtype=float).reshape(-1, 2)
        for start, stop in pairwise(line):
            for share in np.linspace(0, 1, 200):
                x, y = np.rint(start + share * (stop - start)).astype(int)
                mask[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] = 1
    return mask


def evaluate(pairs, **tracker):
    """Records of frames, each a pair of lists of catheters: the true and the found ones."""
    evaluation = CatheterEvaluation(CatheterTracker(**tracker), load_catheter_types())
    for index, (true, found) in enumerate(pairs):
        evaluation.add(true_frame(true, index), found_frame(found, index))
    return evaluation.records


def write_sequence(folder, catheters_of_frames):
    """Files of a sequence; returns its datalist entries with relative paths."""
    entries = []
    for index, catheters in enumerate(catheters_of_frames):
        for name, values in (("image", np.full((ROWS, COLUMNS), 90 + index)), ("mask", drawn(catheters) * 255)):
            Image.fromarray(values.astype(np.uint8)).save(folder / f"{name}{index}.png")
        electrodes = [
            {"x": float(x), "y": float(y), "width": 6, "height": 6, "catheter": f"c{number}", "pole": pole}
            for number, item in enumerate(catheters)
            for pole, (x, y) in enumerate(item["at"])
        ]
        lines = [np.asarray(item.get("line", item["at"]), dtype=float).tolist() for item in catheters]
        entries.append(
            {
                "image": f"image{index}.png",
                "mask": f"mask{index}.png",
                "electrodes": electrodes,
                "catheters": [
                    {"id": f"c{number}", "type": item["type"], "centerline": line}
                    for number, (item, line) in enumerate(zip(catheters, lines, strict=True))
                ],
                "case": "case",
                "sequence": "run",
                "pixel_spacing_mm": list(SPACING),
                "spacing_plane": "isocentre",
            }
        )
    return entries
