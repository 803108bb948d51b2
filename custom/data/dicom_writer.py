"""Write a simulated cine as the catheter laboratory stores one: multi-frame X-Ray Angiographic DICOM."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian, XRayAngiographicImageStorage, generate_uid

from custom.errors import InputError
from custom.files import replacing


def write_xa_cine(
    path: Path,
    frames: np.ndarray,
    *,
    frame_time_ms: float,
    imager_pixel_spacing_mm: tuple[float, float],
    sid_mm: float,
    sod_mm: float,
    primary_angle_deg: float,
    secondary_angle_deg: float,
    kvp: float | None = None,
    seed: int | str | None = None,
) -> None:
    """Write an uncompressed X-Ray Angiographic Image of a simulated patient.

    Args:
        path: the file.
        frames: (frames, rows, columns), uint8 or uint16.
        frame_time_ms: from one frame to the next.
        imager_pixel_spacing_mm: row and column spacing at the detector.
        sid_mm: distance from the source to the detector.
        sod_mm: distance from the source to the isocentre.
        primary_angle_deg: positioner angle, positive is LAO.
        secondary_angle_deg: positioner angle, positive is cranial.
        kvp: tube voltage in kV.
        seed: the same seed gives the same frames the same UIDs; random without one.

    Raises:
        InputError: if the frames have another shape or type.
    """
    if frames.ndim != 3 or frames.dtype not in (np.uint8, np.uint16) or frames.size == 0:
        found = f"{frames.dtype} of shape {frames.shape}"
        raise InputError(
            "cannot be written", source=path, found=found, expected="(frames, rows, columns) uint8 or uint16"
        )
    dataset = Dataset()
    _identify(dataset, None if seed is None else f"{seed} {sha256(frames.tobytes()).hexdigest()}")
    _describe_acquisition(dataset, kvp, sid_mm, sod_mm, imager_pixel_spacing_mm)
    _describe_positioner(dataset, primary_angle_deg, secondary_angle_deg)
    _describe_cine(dataset, frames.shape[0], frame_time_ms)
    _put_pixels(dataset, frames)
    with replacing(path) as temporary:
        dataset.save_as(temporary, enforce_file_format=True)


def _identify(dataset: Dataset, seed: str | None) -> None:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = XRayAngiographicImageStorage
    dataset.SOPInstanceUID = _uid(seed, "instance")
    dataset.StudyInstanceUID = _uid(seed, "study")
    dataset.SeriesInstanceUID = _uid(seed, "series")
    dataset.StudyDate = "20000101"  # DICOMDIR needs a date; the same one keeps files reproducible
    dataset.StudyTime = "000000"
    dataset.StudyID = "1"
    dataset.Modality = "XA"
    dataset.BodyPartExamined = "HEART"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    dataset.PatientName = "Simulated^Patient"
    dataset.PatientID = "SIMULATED"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Simulated, no patient"
    dataset.Manufacturer = "catheter-bundle"
    dataset.ManufacturerModelName = "Simulated fluoroscopy"
    dataset.SeriesNumber = 1
    dataset.InstanceNumber = 1
    for keyword in _EMPTY:
        setattr(dataset, keyword, "")


# Type 2: must be there, may be empty.
_EMPTY = (
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PatientOrientation",
)


def _uid(seed: str | None, part: str) -> UID:
    return generate_uid(entropy_srcs=None if seed is None else ["catheter-bundle", seed, part])


def _describe_acquisition(
    dataset: Dataset, kvp: float | None, sid_mm: float, sod_mm: float, imager_pixel_spacing_mm: tuple[float, float]
) -> None:
    dataset.KVP = None if kvp is None else _decimal(kvp)
    dataset.RadiationSetting = "SC"
    dataset.XRayTubeCurrent = None
    dataset.ExposureTime = None
    dataset.DistanceSourceToDetector = _decimal(sid_mm)
    dataset.DistanceSourceToPatient = _decimal(sod_mm)
    dataset.EstimatedRadiographicMagnificationFactor = _decimal(sid_mm / sod_mm)
    dataset.ImagerPixelSpacing = [_decimal(spacing) for spacing in imager_pixel_spacing_mm]


def _describe_positioner(dataset: Dataset, primary_angle_deg: float, secondary_angle_deg: float) -> None:
    dataset.PositionerMotion = "STATIC"
    dataset.PositionerPrimaryAngle = _decimal(primary_angle_deg)
    dataset.PositionerSecondaryAngle = _decimal(secondary_angle_deg)


def _describe_cine(dataset: Dataset, frames: int, frame_time_ms: float) -> None:
    dataset.NumberOfFrames = frames
    dataset.FrameTime = _decimal(frame_time_ms)
    dataset.FrameIncrementPointer = Tag("FrameTime")


def _put_pixels(dataset: Dataset, frames: np.ndarray) -> None:
    bits = 8 * frames.itemsize
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelIntensityRelationship = "DISP"
    dataset.Rows, dataset.Columns = frames.shape[1:]
    dataset.BitsAllocated = bits
    dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0
    dataset.LossyImageCompression = "00"
    data = np.ascontiguousarray(frames, dtype=f"<u{frames.itemsize}").tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"


def _decimal(value: float) -> str:
    """Write a number as DICOM's decimal string, which holds 16 characters."""
    return f"{value:.10g}"
