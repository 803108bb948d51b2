"""One simulated sequence: who lies there, what is in the heart, where the C-arm stands and how it is set."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from custom.simulation.anatomy import ANATOMIES
from custom.simulation.build import Workbench
from custom.simulation.device_table import load_devices
from custom.simulation.devices import Region, add_device
from custom.simulation.geometry import View
from custom.simulation.look_alikes import LOOK_ALIKES, Place
from custom.simulation.motion import Motion
from custom.simulation.ranges import Procedure, SimulationConfig
from custom.simulation.scene import DeviceLabels, Layer
from custom.simulation.vessels import add_contrast_vessels

_SAMPLE_PIXELS = 0.75


@dataclass(frozen=True)
class Imaging:
    """Settings of tube, detector and display during a sequence: numbers drawn from the ranges of the same names."""

    kvp: float
    dose_ngy: float
    scatter_to_primary: float
    focal_blur_mm: float
    detector_blur_mm: float
    electronic_noise_photons: float
    lag: float
    native_matrix: float
    mean: float
    standard_deviation: float
    harmonization: float
    edge_enhancement: float
    edge_scale_pixels: float
    noise_kept: float
    smoothing_pixels: float
    vignetting: float
    jpeg_quality: float  # 0: not compressed
    tissue_texture: float
    bone_texture: float


@dataclass(frozen=True)
class Collimator:
    """The irradiated field: margins as shares of the sides, or a circle; `blur_mm` at the detector."""

    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    round: bool = False
    blur_mm: float = 0.5
    black: bool = False


@dataclass(frozen=True)
class SequencePlan:
    """Everything that a sequence's frames are rendered from."""

    seed: int
    sequence: int
    case: str
    procedure: str
    view: View
    motion: Motion
    imaging: Imaging
    collimator: Collimator
    body: Layer
    devices: Layer
    labels: DeviceLabels

    @property
    def name(self) -> str:
        """The sequence's name in the datalist."""
        return f"sequence{self.sequence:05d}"

    def frame_key(self, frame: int) -> int:
        """The key of a frame's noise."""
        return random_key(self.seed, self.sequence, frame)


def random_key(*numbers: int) -> int:
    """A 63-bit key from whole numbers."""
    return int(np.random.SeedSequence(list(numbers)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def plan_sequence(config: SimulationConfig, *, seed: int, sequence: int, rows: int, columns: int) -> SequencePlan:
    """Draw a sequence: the same for the same configuration, seed and number, at any image size.

    Sequences of one case share the patient's anatomy and procedure.
    """
    case = sequence // config.sequences_per_case
    patient = np.random.default_rng([seed, case, 1])
    rng = np.random.default_rng([seed, sequence, 2])
    procedure_name = _choice({name: item.share for name, item in config.procedures.items()}, patient)
    procedure = config.procedures[procedure_name]
    view = _draw_view(config, procedure, rows, columns, rng)
    offset = np.array([procedure.offset_mm.draw(rng), 0.0, procedure.offset_mm.draw(rng)])
    motion = Motion.draw(config.motion, offset, rng)
    body, devices, labels = Layer(), Layer(), DeviceLabels()
    ANATOMIES[procedure.anatomy](body, motion, patient)
    if rng.random() < procedure.contrast_probability:
        add_contrast_vessels(body, procedure.anatomy, motion, rng)
    _add_look_alikes(devices, procedure, view, motion, rng)
    _add_devices(devices, labels, procedure, view, motion, rng)
    return SequencePlan(
        seed=seed,
        sequence=sequence,
        case=f"case{case:05d}",
        procedure=procedure_name,
        view=view,
        motion=motion,
        imaging=_draw_imaging(config, rng),
        collimator=_draw_collimator(config, rng),
        body=body,
        devices=devices,
        labels=labels,
    )


def _choice(weights: dict[str, float], rng: np.random.Generator) -> str:
    names, shares = list(weights), np.array(list(weights.values()))
    return names[int(rng.choice(len(names), p=shares / shares.sum()))]


def _count(shares: tuple[float, ...], rng: np.random.Generator) -> int:
    return int(rng.choice(len(shares), p=np.array(shares) / sum(shares)))


def _draw_view(
    config: SimulationConfig, procedure: Procedure, rows: int, columns: int, rng: np.random.Generator
) -> View:
    sid, sod = config.geometry.sid_mm.draw(rng), config.geometry.sod_mm.draw(rng)
    return View(
        sid_mm=sid,
        sod_mm=sod,
        primary_deg=procedure.primary_deg.draw(rng),
        secondary_deg=procedure.secondary_deg.draw(rng),
        detector_pixel_mm=procedure.field_mm.draw(rng) * sid / sod / max(rows, columns),
        rows=rows,
        columns=columns,
    )


def _step_mm(view: View) -> float:
    """Distance of samples along curves at the isocentre."""
    return _SAMPLE_PIXELS * view.isocentre_pixel_mm


def _add_devices(
    layer: Layer, labels: DeviceLabels, procedure: Procedure, view: View, motion: Motion, rng: np.random.Generator
) -> None:
    table = load_devices()
    bench = Workbench(layer, labels, step_mm=_step_mm(view))
    region = Region(procedure.anatomy, view.field_mm, procedure.free_route_share, motion)
    for _ in range(_count(procedure.device_counts, rng)):
        name = _choice(procedure.devices, rng)
        add_device(bench, table[name], region, np.random.default_rng(rng.integers(1 << 62)))


def _add_look_alikes(layer: Layer, procedure: Procedure, view: View, motion: Motion, rng: np.random.Generator) -> None:
    place = Place(field_mm=view.field_mm, step_mm=_step_mm(view), motion=motion)
    remaining = dict(procedure.look_alikes)
    for _ in range(min(_count(procedure.look_alike_counts, rng), len(remaining))):
        name = _choice(remaining, rng)
        del remaining[name]
        LOOK_ALIKES[name](layer, place, np.random.default_rng(rng.integers(1 << 62)))


def _draw_imaging(config: SimulationConfig, rng: np.random.Generator) -> Imaging:
    detector, display = config.detector, config.display
    drawn = {item.name: getattr(detector, item.name).draw(rng) for item in fields(detector)}
    drawn |= {
        item.name: getattr(display, item.name).draw(rng) for item in fields(display) if not item.name.startswith("jpeg")
    }
    compressed = rng.random() < display.jpeg_probability
    quality = round(display.jpeg_quality.draw(rng))
    return Imaging(**drawn, jpeg_quality=quality if compressed else 0)


def _draw_collimator(config: SimulationConfig, rng: np.random.Generator) -> Collimator:
    ranges = config.collimator
    margins = {side: ranges.margin.draw(rng) * (rng.random() < 0.6) for side in ("left", "right", "top", "bottom")}
    drawn = Collimator(
        **margins,
        round=bool(rng.random() < ranges.round_probability),
        blur_mm=ranges.blur_mm.draw(rng),
        black=bool(rng.random() < ranges.black_probability),
    )
    return drawn if rng.random() < ranges.probability else Collimator()
