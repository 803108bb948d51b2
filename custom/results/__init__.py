"""The formats that results are written in."""

from custom.results.format import ResultFormat
from custom.results.registry import FORMATS, create_formats

__all__ = ["FORMATS", "ResultFormat", "create_formats"]
