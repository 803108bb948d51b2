"""Frames with hand-made catheters."""

from __future__ import annotations

import numpy as np

from custom.postprocessing.result import Catheter, Electrode, FrameResult

ROWS, COLUMNS = 200, 320


def make_frame(catheters, *, index=0, loose=(), spacing=None):
    """A frame of `catheters`, each a dict of electrode positions `at`, and optionally `line`, `type`,
    `type_confidence`, `confidence`.

    Electrodes of no catheter lie at `loose`. A centreline that is not given goes through the electrodes.
    """
    electrodes, found = [], []
    for number, item in enumerate(catheters):
        at = [tuple(map(float, point)) for point in item.get("at", ())]
        first = len(electrodes)
        electrodes += [Electrode(x, y, 6, 6, 0.9, catheter=number, pole=pole) for pole, (x, y) in enumerate(at)]
        line = np.array(item.get("line", at), dtype=float).reshape(-1, 2)
        length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
        found.append(
            Catheter(
                id=number,
                type=item.get("type", "quadripolar"),
                type_confidence=item.get("type_confidence", 0.8),
                centerline=line,
                tip_known=True,
                electrodes=tuple(range(first, len(electrodes))),
                length_px=length,
                length_mm=None,
                confidence=item.get("confidence", 0.9),
            )
        )
    electrodes += [Electrode(x, y, 6, 6, 0.9) for x, y in loose]
    return FrameResult(
        source="a.dcm",
        path="a.dcm",
        frame_index=index,
        frames=10,
        pixels=np.zeros((ROWS, COLUMNS), np.float32),
        mask=np.zeros((ROWS, COLUMNS), np.uint8),
        electrodes=tuple(electrodes),
        catheters=tuple(found),
        pixel_spacing_mm=spacing,
        spacing_plane="isocentre" if spacing else None,
    )


def row_of(count, start=(100.0, 60.0), step=(8.0, 3.0)):
    """`count` evenly spaced positions, (count, 2)."""
    return np.asarray(start) + np.arange(count)[:, None] * np.asarray(step)


def moved(points, x, y):
    return np.asarray(points) + np.array([x, y])
