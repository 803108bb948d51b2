"""How fast a cine is meant to be shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
from pydicom import Dataset, dcmread
from pydicom.multival import MultiValue
from pydicom.valuerep import DT

from custom.data.dicom_file import is_dicom
from custom.data.dicom_frame_header import PER_FRAME, frame_header
from custom.data.video_file import SUFFIXES

DEFAULT_RATE = 7.5  # usual in electrophysiology
SLOWEST_RATE, FASTEST_RATE = 0.01, 1000.0  # frames a second, far beyond fluoroscopy
MILLISECONDS = 1000.0
DISPLAY = "FrameDisplaySequence"
TAGS = ["RecommendedDisplayFrameRate", "CineRate", "FrameTime", "FrameTimeVector", DISPLAY, PER_FRAME]
FRAME_STARTS = ("FrameAcquisitionDateTime", "FrameReferenceDateTime")


def playback_rate(path: str | Path) -> float:
    """Return the frames a second of a DICOM cine or a video, 7.5 where the file does not tell a possible rate."""
    path = Path(path)
    return next((rate for rate in _rates(path) if SLOWEST_RATE <= rate <= FASTEST_RATE), DEFAULT_RATE)


def _rates(path: Path) -> Iterator[float]:
    if is_dicom(path):
        yield from _dicom_rates(dcmread(path, stop_before_pixels=True, specific_tags=TAGS))
    elif path.name.lower().endswith(SUFFIXES):
        with av.open(path) as container:
            yield float(container.streams.video[0].average_rate or DEFAULT_RATE)


def _dicom_rates(header: Dataset) -> Iterator[float]:
    for keyword in ("RecommendedDisplayFrameRate", "CineRate"):
        yield from _positive_numbers(header, keyword)[:1]
    for times in (_positive_numbers(header, "FrameTime")[:1], _positive_numbers(header, "FrameTimeVector")):
        if times:
            yield MILLISECONDS * len(times) / sum(times)
    yield from _enhanced_rates(header)


def _enhanced_rates(header: Dataset) -> Iterator[float]:
    """Rates of an Enhanced XA or XRF image, which has none of the above: the one to display at, then its frames'."""
    for display in header.get(DISPLAY) or []:
        yield from _positive_numbers(display, "RecommendedDisplayFrameRateInFloat")[:1]
    steps = len(header.get(PER_FRAME) or []) - 1
    if steps < 1:
        return
    first, last = (frame_header(header, index) for index in (0, steps))
    for keyword in FRAME_STARTS:
        with suppress(TypeError, ValueError):  # empty, no time, or only one of them with its time zone
            seconds = (DT(last.get(keyword)) - DT(first.get(keyword))).total_seconds()
            yield steps / seconds if seconds > 0 else 0.0


def _positive_numbers(header: Dataset, keyword: str) -> list[float]:
    """The positive values of an element; it may be empty, have one value or several, or hold no numbers."""
    try:
        value = header.get(keyword)
        values = [float(item) for item in (value if isinstance(value, MultiValue) else [value])]
    except (TypeError, ValueError):
        return []
    return [value for value in values if 0 < value < math.inf]
