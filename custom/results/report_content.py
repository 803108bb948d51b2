"""The content of a Structured Report: measurement groups of what was found on a frame (TID 1410 and TID 1501)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from highdicom import UID
from highdicom.sr import (
    CodedConcept,
    DeviceObserverIdentifyingAttributes,
    ImageRegion,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TrackingIdentifier,
)
from pydicom import Dataset
from pydicom.sr.codedict import codes

from custom.postprocessing.result import Catheter, Electrode, FrameResult
from custom.results.dicom_source import MANUFACTURER

SCHEME = "99CATHETERBUNDLE"
PIXELS = CodedConcept("{pixels}", "UCUM", "pixels")
Group: TypeAlias = PlanarROIMeasurementsAndQualitativeEvaluations | MeasurementsAndQualitativeEvaluations
TrackUids: TypeAlias = dict[tuple[str, int], UID]


def observer() -> ObservationContext:
    """Name this software as the observer."""
    device = DeviceObserverIdentifyingAttributes(uid=UID(), name=MANUFACTURER)
    return ObservationContext(ObserverContext(codes.DCM.Device, device))


def frame_groups(result: FrameResult, source: Dataset, tracks: TrackUids) -> Iterator[Group]:
    """Describe flags, catheters and electrodes of a frame.

    Args:
        result: the frame.
        source: header of the file that it is from.
        tracks: UIDs of the tracks so far; new ones are added.
    """
    if result.flags:
        yield _flags(result, source)
    for catheter in result.catheters:
        yield _catheter(catheter, result, source, tracks)
    for electrode in result.electrodes:
        yield _electrode(electrode, result, source, tracks)


def nothing_found(source: Dataset) -> MeasurementsAndQualitativeEvaluations:
    """Say that there is nothing to report."""
    return MeasurementsAndQualitativeEvaluations(
        TrackingIdentifier(UID(), "report"),
        source_images=[SourceImageForMeasurementGroup(source.SOPClassUID, source.SOPInstanceUID)],
        qualitative_evaluations=[QualitativeEvaluation(codes.DCM.Finding, _own("nothing_found"))],
    )


def _flags(result: FrameResult, source: Dataset) -> MeasurementsAndQualitativeEvaluations:
    image = SourceImageForMeasurementGroup(source.SOPClassUID, source.SOPInstanceUID, _frame_numbers(result))
    return MeasurementsAndQualitativeEvaluations(
        TrackingIdentifier(UID(), f"frame {result.frame_index + 1}"),
        source_images=[image],
        qualitative_evaluations=[QualitativeEvaluation(_own("image_flag"), _own(flag)) for flag in result.flags],
    )


def _catheter(catheter: Catheter, result: FrameResult, source: Dataset, tracks: TrackUids) -> Group:
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        _tracking("catheter", catheter.track, tracks),
        referenced_region=_region(catheter.centerline, result, source),
        finding_type=codes.SCT.Catheter,
        measurements=[
            _length(catheter, result),
            _score("confidence", catheter.confidence),
            _score("type_confidence", catheter.type_confidence),
        ],
        qualitative_evaluations=[QualitativeEvaluation(_own("catheter_type"), _own(catheter.type))],
    )


def _electrode(electrode: Electrode, result: FrameResult, source: Dataset, tracks: TrackUids) -> Group:
    measurements = [_score("score", electrode.score)]
    if electrode.catheter is not None and electrode.pole is not None:
        catheter = next(catheter for catheter in result.catheters if catheter.id == electrode.catheter)
        pole = "pole_from_the_tip" if catheter.tip_known else "pole_from_the_visible_end"
        measurements += [_score("catheter_number", catheter.number), _score(pole, electrode.pole + 1)]
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        _tracking("electrode", electrode.track, tracks),
        referenced_region=_region(np.array([[electrode.x, electrode.y]]), result, source),
        finding_type=_own("electrode"),
        measurements=measurements,
    )


def _tracking(kind: str, track: int | None, tracks: TrackUids) -> TrackingIdentifier:
    return (
        TrackingIdentifier(UID(), kind) if track is None else TrackingIdentifier(tracks[kind, track], f"{kind} {track}")
    )


def _region(points: np.ndarray, result: FrameResult, source: Dataset) -> ImageRegion:
    image = SourceImageForRegion(source.SOPClassUID, source.SOPInstanceUID, _frame_numbers(result))
    # DICOM measures from the outer corner of the first pixel (PS3.3, C.18.6.1.2), we from its centre.
    return ImageRegion("POLYLINE" if len(points) > 1 else "POINT", points.astype(float) + 0.5, image)


def _frame_numbers(result: FrameResult) -> list[int] | None:
    return [result.frame_index + 1] if result.frames > 1 else None


def _length(catheter: Catheter, result: FrameResult) -> Measurement:
    if catheter.length_mm is None:
        return Measurement(codes.SCT.Length, catheter.length_px, PIXELS, method=_own("projected_length"))
    method = _own(f"projected_length_in_the_{result.spacing_plane}_plane")
    return Measurement(codes.SCT.Length, catheter.length_mm, codes.UCUM.Millimeter, method=method)


def _score(name: str, value: float) -> Measurement:
    return Measurement(_own(name), value, codes.UCUM.NoUnits)


def _own(name: str) -> CodedConcept:
    return CodedConcept(name, SCHEME, name.replace("_", " ").capitalize())
