"""Files: datalists, frames and masks of every format, DICOM cines, converters from other layouts."""

from custom.data.datalist import Datalist, datalist_section, read_datalist, write_datalist
from custom.data.frame import Frame
from custom.data.frame_dataset import FrameDataset
from custom.data.frame_stream import FrameStream, find_frame_files
from custom.data.reader import open_frames, read_frame, read_mask
from custom.data.selection import evenly_spread
from custom.data.validation import check_datalist, validate_datalist

__all__ = [
    "Datalist",
    "Frame",
    "FrameDataset",
    "FrameStream",
    "check_datalist",
    "datalist_section",
    "evenly_spread",
    "find_frame_files",
    "open_frames",
    "read_datalist",
    "read_frame",
    "read_mask",
    "validate_datalist",
    "write_datalist",
]
