"""The overlay as DICOM, which every PACS shows: Multi-frame True Color Secondary Capture."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from highdicom import UID
from highdicom.base import SOPClass
from PIL import Image
from pydicom import Dataset
from pydicom.encaps import itemize_frame
from pydicom.tag import Tag
from pydicom.uid import JPEGBaseline8Bit, MultiFrameTrueColorSecondaryCaptureImageStorage

from custom.files import PendingStream, replacing
from custom.postprocessing.result import FrameResult
from custom.results.dicom_source import MANUFACTURER, SERIES_NUMBER, identity, read_source
from custom.results.format import ResultFormat
from custom.results.playback import MILLISECONDS, playback_rate
from custom.visualization import draw_result

QUALITY = 90
EMPTY_OFFSET_TABLE = b"\xfe\xff\x00\xe0\x00\x00\x00\x00"


class SecondaryCapture(ResultFormat):
    """`NAME_secondary_capture.dcm`: the overlay of every frame, JPEG-compressed as it comes."""

    def start(self, first: FrameResult) -> None:
        """Read the source's header, and begin the compressed frames.

        Raises:
            InputError: if the source is not DICOM.
        """
        self._source = read_source(first, keep_identifiers=self.keep_identifiers)
        self._rate = playback_rate(first.path)
        self._promised = first.frames
        self._count = self._raw_bytes = 0
        self._frames = PendingStream(self.folder / f"{first.source}_secondary_capture.dcm", "wb")
        self._pending = [self._frames]
        self._frames.file.write(EMPTY_OFFSET_TABLE)

    def add(self, result: FrameResult) -> None:
        """Draw and compress a frame."""
        picture = draw_result(result)
        encoded = BytesIO()
        Image.fromarray(picture).save(encoded, "JPEG", quality=QUALITY, subsampling="4:2:2")
        for item in itemize_frame(encoded.getvalue()):
            self._frames.file.write(item)
        self._shape, self._count = picture.shape, self._count + 1
        self._raw_bytes += picture.nbytes

    def finish(self, *, complete: bool) -> list[Path]:
        """Put the header, which holds the number of frames, before the frames."""
        compressed_bytes = self._frames.file.tell()
        self._frames.file.close()
        with self._frames.temporary.open("rb") as frames, replacing(self._frames.path) as temporary:
            self._document(frames, self._raw_bytes / compressed_bytes).save_as(temporary, enforce_file_format=True)
        self._frames.discard()
        return [self._frames.path]

    def _document(self, frames: BinaryIO, compression_ratio: float) -> SOPClass:
        document = SOPClass(
            study_instance_uid=self._source.StudyInstanceUID,
            series_instance_uid=UID(),
            series_number=SERIES_NUMBER,
            sop_instance_uid=UID(),
            sop_class_uid=MultiFrameTrueColorSecondaryCaptureImageStorage,
            instance_number=1,
            modality=self._source.get("Modality") or "OT",
            manufacturer=MANUFACTURER,
            transfer_syntax_uid=JPEGBaseline8Bit,
            series_description="Catheters and electrodes, overlay",
            specific_character_set=self._source.get("SpecificCharacterSet"),
            **identity(self._source),
        )
        document.copy_patient_and_study_information(self._source)
        _describe_origin(document, self._source)
        self._describe_cine(document)
        _put_pixels(document, self._shape, frames, compression_ratio)
        return document

    def _describe_cine(self, document: Dataset) -> None:
        document.NumberOfFrames = self._count
        if self._count > 1:
            document.FrameTime = f"{MILLISECONDS / self._rate:.10g}"
            document.FrameIncrementPointer = Tag("FrameTime")
        if self._count < self._promised:
            document.DerivationDescription += f", which broke off after {self._count} of {self._promised} frames"


def _describe_origin(document: Dataset, source: Dataset) -> None:
    document.ImageType = ["DERIVED", "SECONDARY"]
    document.ConversionType = "WSD"
    document.PatientOrientation = document.Laterality = None
    document.DerivationDescription = "Catheters and electrodes drawn on the source image"
    # Only the source knows whether text was burned into its pixels; without its word they are not vouched for.
    document.BurnedInAnnotation = source.get("BurnedInAnnotation") or "YES"
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.SOPInstanceUID
    document.SourceImageSequence = [reference]


def _put_pixels(document: Dataset, shape: tuple[int, ...], frames: BinaryIO, compression_ratio: float) -> None:
    document.SamplesPerPixel = 3
    document.PhotometricInterpretation = "YBR_FULL_422"
    document.PlanarConfiguration = 0
    document.Rows, document.Columns = shape[:2]
    document.BitsAllocated = document.BitsStored = 8
    document.HighBit = 7
    document.PixelRepresentation = 0
    document.LossyImageCompression = "01"
    document.LossyImageCompressionRatio = f"{compression_ratio:.4g}"
    document.LossyImageCompressionMethod = "ISO_10918_1"
    document.add_new("PixelData", "OB", frames)
    document["PixelData"].is_undefined_length = True
