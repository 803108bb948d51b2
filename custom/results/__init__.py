"""The formats that results are written in; a new one is a class and a line here."""

from custom.results.format import ResultFormat

FORMATS: dict[str, type[ResultFormat]] = {}

__all__ = ["FORMATS", "ResultFormat"]
