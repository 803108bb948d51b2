from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from custom.simulation import noise
from custom.simulation.detector import (
    PHOTONS_PER_MM2_PER_NGY,
    ImagingBatch,
    detected_signal,
    expected_signal,
    irradiated_field,
)
from custom.simulation.materials import MATERIALS, SOFT_TISSUE
from custom.simulation.sequence import Collimator, Imaging

CPU = torch.device("cpu")
PLAIN = Imaging(
    kvp=80, dose_ngy=40, scatter_to_primary=0, focal_blur_mm=0, detector_blur_mm=0, electronic_noise_photons=0, lag=0,
    native_matrix=1e6, tissue_texture=0, bone_texture=0, mean=110, standard_deviation=35, harmonization=0,
    edge_enhancement=0, edge_scale_pixels=1, noise_kept=1, smoothing_pixels=0, vignetting=0, jpeg_quality=0,
)  # fmt: skip


def _batch(*imagings):
    return ImagingBatch.of(list(imagings), CPU)


def _pixels(count, size=0.5):
    return torch.full((count,), size)


def _keys(count):
    return torch.arange(1, count + 1)


def test_the_dose_sets_the_photons():
    paths = torch.zeros(1, len(MATERIALS), 64, 96)
    paths[:, SOFT_TISSUE] = 200
    signal = expected_signal(paths, torch.ones(1, 1, 64, 96), _batch(PLAIN), _pixels(1))
    expected = 40 * PHOTONS_PER_MM2_PER_NGY * 0.5**2
    torch.testing.assert_close(signal, torch.full_like(signal, expected), rtol=1e-4, atol=0)


def test_variance_grows_with_the_signal_as_poisson_says():
    levels = torch.tensor([5.0, 20.0, 80.0, 320.0, 1280.0])
    expected = levels.view(-1, 1, 1, 1).expand(-1, 1, 256, 256)
    signal = detected_signal(expected, _batch(*[PLAIN] * 5), _pixels(5), _keys(5))
    torch.testing.assert_close(signal.mean((1, 2, 3)), levels, rtol=0.02, atol=0)
    torch.testing.assert_close(signal.var((1, 2, 3)), levels, rtol=0.03, atol=0)


def test_few_photons_are_skewed_as_poisson_says():
    expected = torch.full((1, 1, 512, 512), 9.0)
    signal = detected_signal(expected, _batch(PLAIN), _pixels(1), _keys(1)).flatten()
    skewness = ((signal - signal.mean()) ** 3).mean() / signal.std() ** 3
    assert float(skewness) == pytest.approx(1 / 3, rel=0.1)


def test_electronic_noise_adds_its_variance():
    noisy = dataclasses.replace(PLAIN, electronic_noise_photons=4.0)
    signal = detected_signal(torch.full((1, 1, 256, 256), 50.0), _batch(noisy), _pixels(1), _keys(1))
    assert float(signal.var()) == pytest.approx(50 + 16, rel=0.03)


def test_detector_blur_correlates_neighbours():
    blurred = dataclasses.replace(PLAIN, detector_blur_mm=0.5)
    signal = detected_signal(torch.full((1, 1, 256, 256), 100.0), _batch(blurred), _pixels(1), _keys(1))[0, 0].numpy()
    neighbours = np.corrcoef(signal[:, :-1].ravel(), signal[:, 1:].ravel())[0, 1]
    # A Gaussian of one pixel: exp(-1 / 4).
    assert neighbours == pytest.approx(np.exp(-0.25), abs=0.02)


@pytest.mark.parametrize("size", [(128, 512), (512, 128)])
def test_noise_of_a_coarse_detector_is_correlated_alike_in_wide_and_tall_frames(size):
    """128 pixels along the longest side of 512: a Gaussian of 0.35 times 4 pixels, exp(-1 / (4 * 1.4^2))."""
    coarse = dataclasses.replace(PLAIN, native_matrix=128)
    signal = detected_signal(torch.full((1, 1, *size), 100.0), _batch(coarse), _pixels(1), _keys(1))[0, 0].numpy()
    neighbours = np.corrcoef(signal[:, :-1].ravel(), signal[:, 1:].ravel())[0, 1]
    assert neighbours == pytest.approx(np.exp(-1 / (4 * 1.4**2)), abs=0.02)


def test_scatter_dilutes_contrast():
    paths = torch.zeros(1, len(MATERIALS), 128, 192)
    paths[:, SOFT_TISSUE] = 200
    paths[:, MATERIALS.index("steel"), 60:64, 90:94] = 0.35

    def transmission(scatter):
        imaging = _batch(dataclasses.replace(PLAIN, scatter_to_primary=scatter))
        signal = expected_signal(paths, torch.ones(1, 1, 128, 192), imaging, _pixels(1))[0, 0]
        return float(signal[61, 91] / signal[10, 10])

    # T' = (T + SPR) / (1 + SPR)
    assert transmission(1.0) == pytest.approx((transmission(0.0) + 1) / 2, rel=0.01)


def test_the_field_is_half_at_the_collimators_edge():
    collimator = Collimator(left=0.25, top=0.125, blur_mm=1.0)
    field = irradiated_field([collimator, Collimator()], _pixels(2), 64, 96)
    # Edges at x = 23.5 and y = 7.5.
    assert float(field[0, 0, 40, 23:25].mean()) == pytest.approx(0.5, abs=1e-5)
    assert float(field[0, 0, 7:9, 60].mean()) == pytest.approx(0.5, abs=1e-5)
    assert float(field[0, 0, 40, 5]) < 0.01
    assert float(field[1].min()) > 0.999


def test_noise_is_normal_and_its_own_for_every_key():
    first, second = noise.normal(torch.tensor([11, 12]), 0, (400, 300))
    assert float(first.mean()) == pytest.approx(0, abs=0.01)
    assert float(first.std()) == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(first[:, :-1].ravel(), first[:, 1:].ravel())[0, 1]) < 0.01
    other_stream = noise.normal(torch.tensor([11]), 1, (400, 300))[0]
    assert abs(np.corrcoef(first.ravel(), other_stream.ravel())[0, 1]) < 0.01
