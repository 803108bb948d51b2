from __future__ import annotations

import dataclasses

import pytest

from custom.simulation.config import load_config
from custom.simulation.geometry import View
from custom.simulation.ranges import SimulationConfig


@pytest.fixture(scope="session")
def config() -> SimulationConfig:
    return load_config()


@pytest.fixture
def view() -> View:
    # Magnification 1.5 and 0.5 mm pixels at the isocentre, on a frame that is not square.
    return View(sid_mm=1200, sod_mm=800, primary_deg=0, secondary_deg=0, detector_pixel_mm=0.75, rows=96, columns=160)


@pytest.fixture
def electrophysiology(config) -> SimulationConfig:
    return dataclasses.replace(config, procedures={"electrophysiology": config.procedures["electrophysiology"]})
