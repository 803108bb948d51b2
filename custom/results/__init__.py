"""The formats that results are written in; a new one is a class and a line here."""

from custom.results.format import ResultFormat
from custom.results.motion import MotionTable

FORMATS: dict[str, type[ResultFormat]] = {"motion": MotionTable}

__all__ = ["FORMATS", "MotionTable", "ResultFormat"]
