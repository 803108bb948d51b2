from __future__ import annotations

import numpy as np
import pytest
import torch

from custom.simulation import materials
from custom.simulation.materials import BONE, CONTRAST_AGENT, FILLER, MATERIALS, PLATINUM, SOFT_TISSUE, STEEL


def _mean_energy_behind_water(kvp: float) -> float:
    energies, weights = materials.spectrum(kvp)
    behind = weights * np.exp(-materials.linear_attenuation("soft_tissue", energies) * 200)
    return float((behind * energies).sum() / behind.sum())


def _transmission(material: int, path_mm: float, kvp: float = 80.0) -> float:
    """Behind 20 cm of water, against the water alone."""
    weights, attenuation = (torch.as_tensor(item)[None] for item in materials.beam(kvp))
    paths = torch.zeros(2, len(MATERIALS), 1, 1, dtype=torch.float64)
    paths[:, SOFT_TISSUE] = 200
    paths[1, material] += path_mm
    water, both = materials.transmission(paths, weights.expand(2, -1), attenuation.expand(2, -1, -1)).flatten().tolist()
    return both / water


@pytest.mark.parametrize(("kvp", "expected_kev"), [(60, 48), (80, 57), (110, 68)])
def test_mean_energy_at_the_detector(kvp, expected_kev):
    assert _mean_energy_behind_water(kvp) == pytest.approx(expected_kev, rel=0.03)


@pytest.mark.parametrize(("kvp", "expected"), [(60, 0.24), (80, 0.22), (110, 0.20)])
def test_water_attenuates_as_measured(kvp, expected):
    per_cm = -np.log(_transmission(SOFT_TISSUE, 1.0, kvp)) * 10
    assert per_cm == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(
    ("material", "path_mm", "expected"),
    [
        (PLATINUM, 2 * 0.1, 0.14),
        (STEEL, 0.35, 0.66),
        (STEEL, 0.12, 0.88),
        (FILLER, 1.8, 0.79),
        (CONTRAST_AGENT, 3.0, 0.39),
        (BONE, 2.0, 0.92),
        (BONE, 9.0, 0.66),
    ],
)
def test_transmission_behind_20_cm_of_water(material, path_mm, expected):
    assert _transmission(material, path_mm) == pytest.approx(expected, rel=0.1)


def test_solid_platinum_lets_nothing_through():
    assert _transmission(PLATINUM, 2.0) < 0.001


def test_no_path_lets_everything_through():
    weights, attenuation = (torch.as_tensor(item)[None] for item in materials.beam(75.0))
    clear = materials.transmission(torch.zeros(1, len(MATERIALS), 2, 3, dtype=torch.float64), weights, attenuation)
    torch.testing.assert_close(clear, torch.ones(1, 1, 2, 3, dtype=torch.float64))


def test_platinum_has_its_absorption_edge():
    below, above = materials.linear_attenuation("platinum", np.array([78.0, 79.0]))
    assert above > 3 * below
