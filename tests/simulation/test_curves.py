from __future__ import annotations

import numpy as np
import pytest

from custom.simulation import curves


def test_resampling_keeps_an_even_step():
    points = curves.resampled(np.array([[0.0, 0, 0], [3, 4, 0], [3, 4, 7]]), 0.5)
    assert len(points) == 24
    np.testing.assert_allclose(points[2], [0.6, 0.8, 0])


def test_curvature_of_a_circle():
    angle = np.linspace(0, np.pi, 400)
    circle = 20 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    np.testing.assert_allclose(curves.curvature(circle)[5:-5], 1 / 20, rtol=1e-3)


def test_a_corner_is_rounded_and_the_ends_stay():
    corner = curves.resampled(np.array([[0.0, 0, 0], [80, 0, 0], [80, 0, 90]]), 1.0)
    smooth = curves.limited_curvature(corner, 12.0)
    assert curves.curvature(smooth)[2:-2].max() <= 1 / 12
    np.testing.assert_allclose(smooth[[0, -1]], corner[[0, -1]])


def test_a_straight_line_is_left_alone():
    line = curves.resampled(np.array([[0.0, 0, 0], [50, 20, 5]]), 1.0)
    np.testing.assert_allclose(curves.limited_curvature(line, 10.0), line)


@pytest.mark.parametrize("seed", range(12))
def test_a_meandering_curve_crosses_the_field_within_its_curvature(seed):
    rng = np.random.default_rng(seed)
    points = curves.meander(rng, field_mm=120, depth_mm=15, minimum_radius_mm=9)
    assert curves.curvature(points)[2:-2].max() < 1.2 / 9
    assert (np.abs(points[:, [0, 2]]).max(1) < 60).any()


def test_a_spline_goes_through_its_waypoints():
    waypoints = np.array([[0.0, 0, 0], [10, 5, 30], [0, 20, 60], [40, 20, 80]])
    spline = curves.spline_through(waypoints, 0.5)
    for waypoint in waypoints:
        assert np.linalg.norm(spline - waypoint, axis=1).min() < 0.6
