"""Frames with known findings, non-square, on which a formats' every number can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from custom.postprocessing.result import Catheter, Electrode, FrameResult
from tests.data.dicom_files import write_dicom

ROWS, COLUMNS = 48, 80
# Row and column differ, so that a swap shows.
SPACING = (0.5, 0.25)


def make_frame(index: int = 0, frames: int = 1, *, source: str = "a.png", path: Path | str = "a.png") -> FrameResult:
    """A catheter with two electrodes along row 10 + index, and an electrode on no catheter."""
    y = 10.0 + index
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    mask[int(y), 20:61] = 1
    electrodes = (
        Electrode(20, y, 4, 6, 0.9, catheter=0, pole=0, track=5),
        Electrode(30.5, y, 4, 6, 0.8, catheter=0, pole=1, track=6, spread_px=0.25),
        Electrode(70, 40, 5, 5, 0.4),
    )
    catheter = Catheter(
        id=0,
        type="coronary_sinus",
        type_confidence=0.75,
        centerline=np.array([[20, y], [60, y]]),
        tip_known=True,
        electrodes=(0, 1),
        length_px=40.0,
        length_mm=10.0,
        confidence=0.6,
        track=2,
    )
    return FrameResult(
        source=source,
        path=str(path),
        frame_index=index,
        frames=frames,
        pixels=np.add.outer(np.arange(ROWS), np.arange(COLUMNS)).astype(np.float32),
        mask=mask,
        electrodes=electrodes,
        catheters=(catheter,),
        pixel_spacing_mm=SPACING,
        spacing_plane="isocentre",
        flags=("saturated",) if index == 1 else (),
        feature_distance=1.5,
        network_scale=0.5,
    )


def without_spacing(frame: FrameResult) -> FrameResult:
    """The same frame of a file that does not tell its spacing."""
    catheters = tuple(replace(catheter, length_mm=None) for catheter in frame.catheters)
    return replace(frame, pixel_spacing_mm=None, spacing_plane=None, catheters=catheters)


def make_empty_frame(index: int = 0, frames: int = 1, **names: str | Path) -> FrameResult:
    """A frame on which nothing was found."""
    frame = make_frame(index, frames, **names)
    return replace(frame, mask=np.zeros_like(frame.mask), electrodes=(), catheters=(), flags=())


def write_cine(path: Path, frames: int = 3, **attributes: object) -> Path:
    """A DICOM cine of 5 frames a second to which DICOM results can refer."""
    stored = np.arange(frames * ROWS * COLUMNS, dtype=np.uint16).reshape(frames, ROWS, COLUMNS)
    return write_dicom(path, stored, **{"FrameTime": "200", **attributes})


def write_all(format_, frames, *, complete=True):
    """Take a file of frames through a format."""
    format_.start(frames[0])
    for frame in frames:
        format_.add(frame)
    return [*format_.finish(complete=complete), *format_.close()]
