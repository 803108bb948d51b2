"""What a simulated data set draws from, as `simulation.yaml` holds it."""

from __future__ import annotations

from dataclasses import dataclass

from custom.typed_yaml import LogRange, Range


@dataclass(frozen=True)
class Shares:
    """How the cases are divided; relative sizes."""

    training: float
    validation: float
    test: float


@dataclass(frozen=True)
class GeometryRanges:
    """C-arm distances in mm."""

    sid_mm: Range
    sod_mm: Range


@dataclass(frozen=True)
class MotionRanges:
    """Displacements in mm, rates per minute, frames per second."""

    breathing_mm: Range
    breaths_per_minute: Range
    heartbeat_mm: Range
    beats_per_minute: Range
    sway_mm: Range
    frames_per_second: tuple[float, ...]


@dataclass(frozen=True)
class DetectorRanges:
    """X-ray tube, scatter, blur and noise; docs/simulation.md explains each."""

    kvp: Range
    dose_ngy: LogRange
    scatter_to_primary: Range
    focal_blur_mm: Range
    detector_blur_mm: Range
    electronic_noise_photons: Range
    lag: Range
    native_matrix: LogRange
    tissue_texture: Range
    bone_texture: Range


@dataclass(frozen=True)
class DisplayRanges:
    """What a vendor makes of the detector's signal before anybody sees it."""

    mean: Range
    standard_deviation: Range
    harmonization: Range
    edge_enhancement: Range
    edge_scale_pixels: Range
    noise_kept: LogRange
    smoothing_pixels: Range
    vignetting: Range
    jpeg_probability: float
    jpeg_quality: Range


@dataclass(frozen=True)
class CollimatorRanges:
    """Edges of the irradiated field."""

    probability: float
    margin: Range
    blur_mm: Range
    round_probability: float
    black_probability: float


@dataclass(frozen=True)
class Procedure:
    """One kind of intervention: what is in view and from where."""

    share: float
    anatomy: str
    field_mm: LogRange
    primary_deg: Range
    secondary_deg: Range
    offset_mm: Range
    device_counts: tuple[float, ...]
    devices: dict[str, float]
    look_alike_counts: tuple[float, ...]
    look_alikes: dict[str, float]
    contrast_probability: float
    free_route_share: float = 0.15


@dataclass(frozen=True)
class SimulationConfig:
    """Everything that a simulated data set draws from."""

    sequences_per_case: int
    shares: Shares
    geometry: GeometryRanges
    motion: MotionRanges
    detector: DetectorRanges
    display: DisplayRanges
    collimator: CollimatorRanges
    procedures: dict[str, Procedure]
