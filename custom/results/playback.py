"""How fast a cine is meant to be shown."""

from __future__ import annotations

import math
from pathlib import Path

import av
from pydicom import Dataset, dcmread
from pydicom.multival import MultiValue

from custom.data.dicom_file import is_dicom
from custom.data.video_file import SUFFIXES

DEFAULT_RATE = 7.5  # usual in electrophysiology
MILLISECONDS = 1000.0
TAGS = ["RecommendedDisplayFrameRate", "CineRate", "FrameTime", "FrameTimeVector"]


def playback_rate(path: str | Path) -> float:
    """Return the frames a second of a DICOM cine or a video, 7.5 where the file does not tell."""
    path = Path(path)
    if is_dicom(path):
        return _dicom_rate(dcmread(path, stop_before_pixels=True, specific_tags=TAGS)) or DEFAULT_RATE
    if path.name.lower().endswith(SUFFIXES):
        with av.open(path) as container:
            return float(container.streams.video[0].average_rate or DEFAULT_RATE)
    return DEFAULT_RATE


def _dicom_rate(header: Dataset) -> float | None:
    for keyword in ("RecommendedDisplayFrameRate", "CineRate"):
        for rate in _positive_numbers(header, keyword)[:1]:
            return rate
    times = _positive_numbers(header, "FrameTime")[:1] or _positive_numbers(header, "FrameTimeVector")
    return MILLISECONDS * len(times) / sum(times) if times else None


def _positive_numbers(header: Dataset, keyword: str) -> list[float]:
    """The positive values of an element; it may be empty, have one value or several, or hold no numbers."""
    try:
        value = header.get(keyword)
        values = [float(item) for item in (value if isinstance(value, MultiValue) else [value])]
    except (TypeError, ValueError):
        return []
    return [value for value in values if 0 < value < math.inf]
