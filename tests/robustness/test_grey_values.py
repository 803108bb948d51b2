from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from custom.errors import InputError
from custom.robustness import (
    Blur,
    BurnedInGraphics,
    BurnedInText,
    EdgeEnhancement,
    FewLevels,
    Gamma,
    Inversion,
    JpegCompression,
    LowContrast,
    LowerDose,
    NoiseReduction,
    WhiteNoise,
    grey_values,
)
from custom.robustness.corruption import LabelledFrame
from custom.robustness.grey_values import noise_deviation
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from custom.simulation.options import with_dose


def corrupt(kind, pixels, strength, seed=0):
    frame = LabelledFrame(np.asarray(pixels, dtype=np.float32), None, None)
    return kind([strength], "")(frame, strength, np.random.default_rng(seed)).pixels


@pytest.fixture
def scene():
    """A smooth frame of 80 x 120 with a dark band and little noise."""
    rows, columns = np.mgrid[:80, :120]
    smooth = 0.55 + 0.2 * np.sin(rows / 40) - 0.3 * np.exp(-(((columns - 60 - rows / 4) / 8) ** 2))
    return (smooth + 0.01 * np.random.default_rng(5).standard_normal(smooth.shape)).astype(np.float32)


def test_grey_values_by_hand():
    pixels = [[0.0, 0.25, 0.5], [0.5, 0.75, 1.0]]  # their mean is 0.5
    assert corrupt(Gamma, pixels, 2.0).tolist() == [[0.0, 0.0625, 0.25], [0.25, 0.5625, 1.0]]
    assert corrupt(LowContrast, pixels, 0.2) == pytest.approx(np.array([[0.4, 0.45, 0.5], [0.5, 0.55, 0.6]]))
    assert corrupt(Inversion, pixels, 1.0).tolist() == [[1.0, 0.75, 0.5], [0.5, 0.25, 0.0]]
    assert corrupt(Inversion, pixels, 0.0).tolist() == pixels
    assert corrupt(FewLevels, pixels, 3).tolist() == [[0.0, 0.0, 0.5], [0.5, 1.0, 1.0]]  # halves round to even


def test_noise_has_its_deviation_and_a_seed():
    flat = np.full((120, 200), 0.5)
    noisy = corrupt(WhiteNoise, flat, 0.08)
    assert (noisy - 0.5).std() == pytest.approx(0.08, rel=0.03)
    assert np.array_equal(noisy, corrupt(WhiteNoise, flat, 0.08))
    assert not np.array_equal(noisy, corrupt(WhiteNoise, flat, 0.08, seed=1))
    # Strengths differ in nothing but strength.
    assert corrupt(WhiteNoise, flat, 0.16) - 0.5 == pytest.approx(2 * (noisy - 0.5), abs=1e-6)


def test_blur_spreads_a_point_and_keeps_its_sum():
    point = np.zeros((41, 61))
    point[20, 30] = 1
    blurred = corrupt(Blur, point, 2.0)
    assert blurred.sum() == pytest.approx(1, abs=1e-4)
    assert (blurred.sum(axis=1) * (np.arange(41) - 20) ** 2).sum() == pytest.approx(4, rel=0.02)


def test_jpeg_loses_more_at_lower_quality(scene):
    errors = [np.abs(corrupt(JpegCompression, scene, quality) - scene).mean() for quality in (95, 50, 7)]
    assert errors[0] < 0.01 < errors[2] < 0.05
    assert errors == sorted(errors)


def test_jpeg_keeps_grey_values():
    for grey in (0, 153, 255):
        assert corrupt(JpegCompression, np.full((16, 24), grey / 255), 90) == pytest.approx(grey / 255, abs=1e-6)


def test_noise_reduction_takes_noise_and_leaves_the_band(scene):
    weak, strong = (corrupt(NoiseReduction, scene, difference) for difference in (0.01, 0.05))
    assert noise_deviation(strong) < noise_deviation(weak) < noise_deviation(scene)
    band = np.s_[40, 60:80]
    assert strong[band] == pytest.approx(scene[band], abs=0.05)


def test_edge_enhancement_deepens_the_band_and_leaves_what_is_flat(scene):
    smooth = gaussian_filter(scene, 1)
    enhanced = corrupt(EdgeEnhancement, smooth, 4.0)
    weak, strong = (corrupt(EdgeEnhancement, smooth, amount) - smooth for amount in (0.25, 0.5))
    assert strong == pytest.approx(2 * weak, abs=1e-6)
    assert enhanced[40].min() < smooth[40].min() - 0.02
    assert corrupt(EdgeEnhancement, np.full((20, 30), 0.5), 4.0) == pytest.approx(np.full((20, 30), 0.5))


@pytest.mark.parametrize("kind", [BurnedInText, BurnedInGraphics])
def test_more_drawings_are_the_same_ones_and_others(kind):
    grey = np.full((200, 300), 0.5)
    one, four = (corrupt(kind, grey, number) for number in (1, 4))
    assert one.min() < 0.1
    assert one.max() == 0.5
    assert four.max() > 0.9
    changed = [(text != grey) for text in (one, four)]
    assert (changed[0] <= changed[1]).all()
    assert changed[0].sum() < changed[1].sum() < 0.3 * grey.size


@pytest.mark.parametrize("kind", [BurnedInText, BurnedInGraphics])
def test_drawings_are_anywhere_between_black_and_white(kind):
    grey = np.full((200, 300), 0.5)
    drawn = [corrupt(kind, grey, 6, seed) for seed in range(12)]
    assert min(pixels.min() for pixels in drawn) >= 0
    assert max(pixels.max() for pixels in drawn) <= 1
    rows, columns = np.nonzero(np.any([pixels != grey for pixels in drawn], axis=0))
    assert rows.min() < 20 < 180 < rows.max()
    assert columns.min() < 30 < 270 < columns.max()


def test_graphics_of_both_kinds_are_black_and_white(monkeypatch):
    kinds = []
    for name in ("graphics_opacity", "electrocardiogram_opacity"):
        everywhere = lambda rows, columns, random, name=name: kinds.append(name) or np.ones((rows, columns))  # noqa: E731
        monkeypatch.setattr(grey_values, name, everywhere)
    shown = [corrupt(BurnedInGraphics, np.full((2, 3), 0.5), number)[0, 0] for number in (1, 2, 3, 4)]
    assert shown == [0, 1, 1, 0]
    assert kinds[-4:] == ["graphics_opacity", "electrocardiogram_opacity"] * 2


def test_inverted_frames_stay_inverted_in_stronger_ones():
    pixels = np.full((2, 3), 0.25)
    inverted = [
        {seed for seed in range(50) if corrupt(Inversion, pixels, share, seed)[0, 0] == 0.75} for share in (0.2, 0.6)
    ]
    assert inverted[0] < inverted[1]
    assert len(inverted[0]) == pytest.approx(10, abs=6)
    assert len(inverted[1]) == pytest.approx(30, abs=9)


@pytest.mark.parametrize("share", [0.5, 0.25, 0.0625])
def test_variance_grows_as_the_dose_falls(scene, share):
    lower = corrupt(LowerDose, scene, share)
    assert noise_deviation(lower) == pytest.approx(noise_deviation(scene) / share**0.5, rel=0.12)
    added = np.abs(lower - scene)
    assert added[scene < 0.4].mean() > 1.3 * added[scene > 0.6].mean()  # dark pixels had less to begin with


def test_the_whole_dose_and_a_flat_frame_are_left_alone(scene):
    assert np.array_equal(corrupt(LowerDose, scene, 1.0), scene)
    assert np.array_equal(corrupt(LowerDose, np.full((20, 30), 0.5), 0.1), np.full((20, 30), 0.5, np.float32))


@pytest.mark.slow
def test_lower_dose_is_about_what_the_simulator_renders_at_it():
    full, quarter = (
        SimulatedSequences(with_dose(load_config(), dose), seed=5, size=256, sequences=8, frames=1).render(range(8))
        for dose in (80.0, 20.0)
    )
    pairs = zip(full.images[:, 0].numpy() / 255, quarter.images[:, 0].numpy() / 255, strict=True)
    ratios = [
        [measure(corrupt(LowerDose, before, 0.25).clip(0, 1)) / measure(after) for measure in (noise_deviation, coarse)]
        for before, after in pairs
    ]
    assert np.median(ratios, axis=0) == pytest.approx(1, abs=0.25)


def coarse(pixels):
    """Noise of one to three pixels."""
    return np.median(np.abs(gaussian_filter(pixels, 1) - gaussian_filter(pixels, 3)))


def test_a_corruption_without_strengths_is_refused():
    with pytest.raises(InputError, match=r"share of the dose.*no strength"):
        LowerDose([], "share of the dose")
