"""What is found on a frame: electrodes, the catheters that they sit on, and what to be wary of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Electrode:
    """One electrode, in pixels of the original frame: x right, y down, a pixel's centre at its integer coordinate.

    Attributes:
        x: column of its centre.
        y: row of its centre.
        width: of its box.
        height: of its box.
        score: the network's, in [0, 1].
        catheter: id of its catheter in this frame, `None` where it lies on none.
        pole: its place on the catheter from the tip, from 0.
        track: its identity over the frames of a cine, `None` before tracking.
        spread_px: standard deviation of its position over test-time augmentations, `None` without them.
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    catheter: int | None = None
    pole: int | None = None
    track: int | None = None
    spread_px: float | None = None


@dataclass(frozen=True)
class Catheter:
    """One catheter, sheath, lead or wire.

    Attributes:
        id: its number in this frame, from 0.
        type: a name of `catheter_types.yaml`, or `unknown`.
        type_confidence: in [0, 1].
        centerline: (N, 2) float, x and y of an ordered polyline, from the tip where `tip_known`.
        tip_known: whether the first point is the tip, rather than the end of what is visible.
        electrodes: indices into the frame's electrodes, in order from the first point of the centreline.
        length_px: of the centreline.
        length_mm: the same, `None` where the spacing is not known; it holds in the frame's spacing plane.
        confidence: in [0, 1], the share of catheters like it that are there: see `catheter_confidence`.
        track: its identity over the frames of a cine, `None` before tracking.
    """

    id: int
    type: str
    type_confidence: float
    centerline: np.ndarray
    tip_known: bool
    electrodes: tuple[int, ...]
    length_px: float
    length_mm: float | None
    confidence: float
    track: int | None = None

    @property
    def number(self) -> int:
        """What people are shown: the track, which is the same in all frames, or the id where there is none."""
        return self.id if self.track is None else self.track


@dataclass(frozen=True, eq=False)
class FrameResult:
    """Everything that was found on one frame; equal to nothing but itself.

    Attributes:
        source: name of the file, relative to the folder that was given.
        path: the file.
        frame_index: from 0.
        frames: number of frames in the file.
        pixels: (rows, columns) float32, the frame as it was read.
        mask: (rows, columns) uint8, 1 on catheters and wires.
        electrodes: in no order of their own; catheters say the order.
        catheters: by id.
        pixel_spacing_mm: row and column, `None` where unknown.
        spacing_plane: `detector` or `isocentre`, `None` where the spacing is unknown.
        flags: names of what to be wary of, such as `blank` or `unlike_training`; empty where nothing is.
        feature_distance: how far the frame is from what the network was trained on, `None` where it was not fitted.
        network_scale: the network's pixels in a pixel of the frame, `None` where it is not known.
        engine: what ran the network, a name of `custom.engines.ENGINES`; `None` where it is not known.
    """

    source: str
    path: str
    frame_index: int
    frames: int
    pixels: np.ndarray
    mask: np.ndarray
    electrodes: tuple[Electrode, ...]
    catheters: tuple[Catheter, ...]
    pixel_spacing_mm: tuple[float, float] | None = None
    spacing_plane: str | None = None
    flags: tuple[str, ...] = ()
    feature_distance: float | None = None
    network_scale: float | None = None
    engine: str | None = None

    @property
    def name(self) -> str:
        """The file's name, with the frame's number in a cine."""
        return self.source if self.frames == 1 else f"{self.source}#{self.frame_index}"

    @property
    def mm_per_pixel(self) -> np.ndarray:
        """(2,) for x and y; NaN where the spacing is unknown."""
        return np.array((self.pixel_spacing_mm or (np.nan, np.nan))[::-1])


def plain_result(electrodes: Sequence[Electrode], catheters: Sequence[Catheter]) -> dict[str, Any]:
    """Electrodes and catheters as lists, dicts, numbers and text, as JSON holds them."""
    return {
        "electrodes": [dict(vars(electrode)) for electrode in electrodes],
        "catheters": [
            {
                **vars(catheter),
                "centerline": np.round(catheter.centerline, 2).tolist(),
                "electrodes": list(catheter.electrodes),
            }
            for catheter in catheters
        ],
    }
