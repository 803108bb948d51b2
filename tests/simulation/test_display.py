from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
import torch
from PIL import Image

from custom.simulation.detector import ImagingBatch
from custom.simulation.display import displayed, jpeg
from custom.simulation.filters import gaussian_blur, wide_blur
from tests.simulation.test_detector import PLAIN

CPU = torch.device("cpu")


def _signal():
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(96.0), indexing="ij")
    return 200 + 100 * torch.sin(rows / 9 + columns / 14)[None, None]


def _shown(signal, field=None, black=False, **changes):
    imaging = ImagingBatch.of([dataclasses.replace(PLAIN, **changes)], CPU)
    field = torch.ones_like(signal) if field is None else field
    return displayed(signal, field, imaging, torch.tensor([black]))


def test_the_window_sets_mean_and_spread():
    grey = _shown(_signal(), mean=105, standard_deviation=30)
    assert float(grey.mean()) == pytest.approx(105, abs=0.5)
    assert float(grey.std()) == pytest.approx(30, rel=0.02)


def test_more_photons_are_brighter():
    signal = _signal()
    grey = _shown(signal)
    assert np.corrcoef(signal.ravel(), grey.ravel())[0, 1] > 0.95


def test_grey_levels_ignore_the_detectors_gain():
    torch.testing.assert_close(_shown(_signal()), _shown(7 * _signal()), rtol=1e-3, atol=1e-2)


def test_edge_enhancement_steepens_an_edge():
    signal = torch.full((1, 1, 64, 96), 100.0)
    signal[..., 48:] = 140
    plain, enhanced = (
        _shown(signal, edge_enhancement=value, edge_scale_pixels=2.0, native_matrix=96) for value in (0, 1)
    )
    overshoot = [float(image[0, 0, 30, 49] - image[0, 0, 30, 80]) for image in (plain, enhanced)]
    assert overshoot[0] == pytest.approx(0, abs=0.1)
    assert overshoot[1] > 3


def test_wide_and_tall_frames_are_shown_alike():
    signal = _signal()
    settings = {"harmonization": 0.7, "edge_enhancement": 1.0, "smoothing_pixels": 0.5, "native_matrix": 32}
    tall = _shown(signal.transpose(2, 3).contiguous(), **settings).transpose(2, 3)
    torch.testing.assert_close(tall, _shown(signal, **settings), rtol=1e-4, atol=1e-2)


def test_a_black_shutter_covers_what_the_collimator_hides():
    field = torch.ones(1, 1, 64, 96)
    field[..., :20] = 0
    assert float(_shown(_signal(), field, black=True)[..., :20].max()) == 0
    assert float(_shown(_signal(), field, black=False)[..., :20].max()) > 0


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_jpeg_is_what_a_jpeg_file_gives(quality):
    image = _shown(_signal() + 10 * torch.randn(1, 1, 64, 96, generator=torch.manual_seed(0))).round()
    ours = jpeg(image, torch.tensor([float(quality)])).round()[0, 0].numpy()
    file = io.BytesIO()
    Image.fromarray(image[0, 0].numpy().astype(np.uint8)).save(file, "JPEG", quality=quality)
    theirs = np.asarray(Image.open(file)).astype(float)
    # Where a coefficient lies between two steps, the file's integer transform may round it to the other one.
    assert np.mean(np.abs(ours - theirs) <= 1) > 0.95
    compression = np.abs(theirs - image[0, 0].numpy()).mean()
    assert np.abs(ours - image[0, 0].numpy()).mean() == pytest.approx(compression, rel=0.05)


def test_quality_zero_is_not_compressed():
    image = _signal().clamp(0, 255)
    torch.testing.assert_close(jpeg(image, torch.tensor([0.0])), image)


def test_each_frame_is_blurred_by_its_own_width():
    images = torch.zeros(3, 1, 33, 47)
    images[:, :, 16, 23] = 1
    blurred = gaussian_blur(images, torch.tensor([0.0, 1.0, 2.5]))
    torch.testing.assert_close(blurred[0], images[0])
    x = torch.arange(47) - 23.0
    for number, sigma in ((1, 1.0), (2, 2.5)):
        assert float((blurred[number, 0].sum(0) * x**2).sum()) == pytest.approx(sigma**2, rel=0.05)
        assert float(blurred[number].sum()) == pytest.approx(1, rel=1e-4)


def test_wide_blur_keeps_a_flat_image_and_smooths_a_step():
    flat = torch.full((1, 1, 64, 96), 3.0)
    torch.testing.assert_close(wide_blur(flat, torch.tensor([12.0])), flat)
    step = torch.cat([torch.zeros(1, 1, 64, 48), torch.ones(1, 1, 64, 48)], dim=-1)
    middle = wide_blur(step, torch.tensor([12.0]))[0, 0, 32, 36:60]
    assert bool((middle.diff() > 0).all())
