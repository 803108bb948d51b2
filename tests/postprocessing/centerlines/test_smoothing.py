import numpy as np
import pytest

from custom.postprocessing.centerlines.smoothing import smoothed
from tests.postprocessing.drawing import arc


def test_straight_lines_stay():
    line = np.stack([np.arange(40.0), 3 + 0.5 * np.arange(40.0)], axis=1)
    assert smoothed(line, np.ones(40)) == pytest.approx(line, abs=1e-6)


def test_steps_of_pixels_go():
    x = np.arange(80.0)
    true = np.stack([x, 10 + 0.3 * x], axis=1)
    assert np.abs(smoothed(np.round(true), np.ones(80)) - true).max() < 0.35


def test_loops_keep_their_radius():
    loop = arc((0, 0), 15, 0, 360)[:-1]
    assert np.hypot(*smoothed(loop, np.ones(len(loop)), closed=True).T) == pytest.approx(15, abs=0.1)


def test_points_without_weight_are_bridged():
    line = np.stack([np.arange(60.0), np.zeros(60)], axis=1)
    weights = np.ones(60)
    line[25:35, 1], weights[25:35] = 9.0, 0.0
    assert np.abs(smoothed(line, weights)[:, 1]).max() < 0.1


@pytest.mark.parametrize("count", [1, 2, 5])
def test_short_lines_stay(count):
    points = np.random.default_rng(0).random((count, 2))
    assert np.array_equal(smoothed(points, np.ones(count)), points)
