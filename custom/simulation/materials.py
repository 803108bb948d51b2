"""What a path through materials lets through: Beer-Lambert over a few energies of an X-ray tube's spectrum."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from custom.typed_yaml import read_yaml

SOFT_TISSUE, BONE, CONTRAST_AGENT, FILLER, STEEL, PLATINUM = range(6)
# g/cm3 of the filters and of the scintillator, caesium iodide, whose elements attenuate alike: iodine stands for both.
_DENSITIES = {"aluminium": 2.70, "copper": 8.96, "iodine": 4.51}
MATERIALS = ("soft_tissue", "bone", "contrast_agent", "filler", "steel", "platinum")


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = read_yaml(Path(__file__).parent / "materials.yaml")
    return tables


def _mass_attenuation(element: str, energies_kev: np.ndarray) -> np.ndarray:
    table = _tables()["elements"][element]
    return np.exp(np.interp(np.log(energies_kev), np.log(table["energies"]), np.log(table["coefficients"])))


def linear_attenuation(material: str, energies_kev: np.ndarray) -> np.ndarray:
    """Linear attenuation coefficients of a material, per mm, at energies of any shape in keV."""
    composition = _tables()["materials"][material]
    per_cm = sum(density * _mass_attenuation(element, energies_kev) for element, density in composition.items())
    return np.asarray(per_cm) / 10


def spectrum(kvp: float) -> tuple[np.ndarray, np.ndarray]:
    """A filtered tungsten spectrum as an energy-integrating detector weighs it.

    Kramers' law behind the tube's filter, before a caesium iodide scintillator; characteristic lines are left out.

    Args:
        kvp: tube voltage in kV.

    Returns:
        energies (E,) in keV and weights (E,) that sum to 1, without a patient in the beam.
    """
    tube = _tables()["tube"]
    edges = np.linspace(tube["minimum_kev"], kvp, tube["energies"] + 1)
    energies = (edges[1:] + edges[:-1]) / 2
    filtration = _exponent("aluminium", energies, tube["aluminium_mm"])
    filtration += _exponent("copper", energies, tube["copper_mm"])
    absorbed = 1 - np.exp(-_exponent("iodine", energies, tube["caesium_iodide_mm"]))
    weights = (kvp / energies - 1) * np.exp(-filtration) * energies * absorbed
    return energies, weights / weights.sum()


def _exponent(element: str, energies_kev: np.ndarray, thickness_mm: float) -> np.ndarray:
    """By which a layer of an element of the tube or detector attenuates (Beer-Lambert)."""
    return _mass_attenuation(element, energies_kev) * _DENSITIES[element] * thickness_mm / 10


@cache
def beam(kvp: float) -> tuple[np.ndarray, np.ndarray]:
    """Spectrum weights (E,) and linear attenuation (E, M) per mm, materials in the order of `MATERIALS`."""
    energies, weights = spectrum(kvp)
    return weights, np.stack([linear_attenuation(material, energies) for material in MATERIALS], axis=1)


def transmission(paths_mm: torch.Tensor, weights: torch.Tensor, attenuation: torch.Tensor) -> torch.Tensor:
    """Share of the detector signal that passes a path of several materials (Beer-Lambert).

    Args:
        paths_mm: (B, M, H, W) path length in each material, in mm.
        weights: (B, E) share of the signal at each energy.
        attenuation: (B, E, M) per mm.

    Returns:
        (B, 1, H, W) in [0, 1] for paths that are not negative.
    """
    batch, materials = paths_mm.shape[:2]
    signal = torch.zeros_like(paths_mm[:, 0])
    for energy in range(weights.shape[1]):
        coefficients = attenuation[:, energy].view(batch, materials, 1, 1)
        exponent = paths_mm[:, 0] * coefficients[:, 0]
        for material in range(1, materials):
            exponent = torch.addcmul(exponent, paths_mm[:, material], coefficients[:, material])
        signal += weights[:, energy].view(batch, 1, 1) * torch.exp(-exponent)
    return signal[:, None]
