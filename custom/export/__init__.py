"""Exported networks: formats, precisions, and the check against PyTorch."""

from custom.export.accuracy import Accuracy, ExportCheck, measure_accuracy
from custom.export.export import export_network
from custom.export.formats import FORMATS, ExportFormat, export_format
from custom.export.frames import CALIBRATION, CHECKED, CheckFrame, find_frames

__all__ = [
    "CALIBRATION",
    "CHECKED",
    "FORMATS",
    "Accuracy",
    "CheckFrame",
    "ExportCheck",
    "ExportFormat",
    "export_format",
    "export_network",
    "find_frames",
    "measure_accuracy",
]
