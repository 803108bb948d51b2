"""The formats that results are written in; a new one is a class and a line here."""

from custom.results.coco import CocoDocument
from custom.results.format import ResultFormat
from custom.results.json_document import JsonDocument
from custom.results.motion import MotionTable
from custom.results.nifti import NiftiMask
from custom.results.pictures import MaskPicture, OverlayPicture
from custom.results.secondary_capture import SecondaryCapture
from custom.results.slicer import SlicerMarkups
from custom.results.structured_report import StructuredReport
from custom.results.tables import CsvTables
from custom.results.video import OverlayVideo

FORMATS: dict[str, type[ResultFormat]] = {
    "mask": MaskPicture,
    "overlay": OverlayPicture,
    "video": OverlayVideo,
    "json": JsonDocument,
    "csv": CsvTables,
    "motion": MotionTable,
    "coco": CocoDocument,
    "nifti": NiftiMask,
    "slicer": SlicerMarkups,
    "sr": StructuredReport,
    "secondary_capture": SecondaryCapture,
}

__all__ = ["FORMATS", "MotionTable", "ResultFormat"]
