"""What the numbers of a simulation's settings may be."""

from __future__ import annotations

import math
from pathlib import Path

from custom.errors import InputError
from custom.simulation.ranges import SimulationConfig
from custom.typed_yaml import Range

DOSE_NGY = (1e-3, 1e6)  # fluoroscopy has 6 to 90; from 1e36 on frames would be black
FIELD_MM = (10.0, 1000.0)  # in less no device can bend, in more its curves take minutes
_SHARE, _AMOUNT, _POSITIVE = (0.0, 1.0), (0.0, math.inf), (1e-6, math.inf)
_LIMITS = {
    "shares": dict.fromkeys(("training", "validation", "test"), _AMOUNT),
    "geometry": {"sid_mm": _POSITIVE, "sod_mm": _POSITIVE},
    "motion": dict.fromkeys(
        ("breathing_mm", "breaths_per_minute", "heartbeat_mm", "beats_per_minute", "sway_mm"), _AMOUNT
    )
    | {"frames_per_second": _POSITIVE},
    "detector": dict.fromkeys(
        ("scatter_to_primary", "focal_blur_mm", "detector_blur_mm", "electronic_noise_photons"), _AMOUNT
    )
    | {"kvp": (40.0, 150.0), "dose_ngy": DOSE_NGY, "lag": _SHARE, "tissue_texture": _SHARE, "bone_texture": _SHARE},
    "display": dict.fromkeys(("edge_enhancement", "edge_scale_pixels", "smoothing_pixels"), _AMOUNT)
    | dict.fromkeys(("harmonization", "vignetting", "jpeg_probability"), _SHARE)
    | {"mean": (0.0, 255.0), "standard_deviation": (0.0, 255.0), "jpeg_quality": (1.0, 100.0)},
    "collimator": dict.fromkeys(("probability", "round_probability", "black_probability"), _SHARE)
    | {"margin": (0.0, 0.45), "blur_mm": _POSITIVE},
}
_PROCEDURE_LIMITS = {"field_mm": FIELD_MM, "contrast_probability": _SHARE, "free_route_share": _SHARE}


def check_limits(config: SimulationConfig, source: Path) -> None:
    """Refuse numbers that no frame can be simulated with.

    Raises:
        InputError: names the first, and what it may be.
    """
    for section, fields in _LIMITS.items():
        for name, limits in fields.items():
            _check(getattr(getattr(config, section), name), limits, source, f"{section}.{name}")
    for name, procedure in config.procedures.items():
        for field, limits in _PROCEDURE_LIMITS.items():
            _check(getattr(procedure, field), limits, source, f"procedures.{name}.{field}")
    nearest, farthest = config.geometry.sid_mm.low, config.geometry.sod_mm.high
    if nearest <= farthest:
        raise InputError(
            "the detector has to lie behind the patient",
            source=source,
            field="geometry.sid_mm",
            found=nearest,
            expected=f"more than the farthest sod_mm, {farthest:g}",
        )


def _check(value: Range | float | tuple[float, ...], limits: tuple[float, float], source: Path, field: str) -> None:
    numbers = (value.low, value.high) if isinstance(value, Range) else value if isinstance(value, tuple) else (value,)
    if not numbers or min(numbers) < limits[0] or max(numbers) > limits[1]:
        most = f" to {limits[1]:g}" if limits[1] < math.inf else " or more"
        expected = f"{limits[0]:g}{most}"
        raise InputError(
            "cannot be simulated", source=source, field=field, found=", ".join(map(str, numbers)), expected=expected
        )
