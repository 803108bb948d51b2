"""How fast a cine is meant to be shown."""

from __future__ import annotations

from pathlib import Path

import av
from pydicom import Dataset, dcmread

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
        if header.get(keyword, 0) > 0:
            return float(header[keyword].value)
    times = [float(header.FrameTime)] if header.get("FrameTime") else list(header.get("FrameTimeVector") or [])[1:]
    mean = sum(map(float, times)) / len(times) if times else 0.0
    return MILLISECONDS / mean if mean > 0 else None
