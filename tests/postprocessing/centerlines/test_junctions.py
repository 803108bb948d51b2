"""Turns at junctions; most of them are tested by the catheters that come out."""

from itertools import product

import pytest

from custom.postprocessing.centerlines.junctions import Ray, turning


@pytest.mark.parametrize(("across", "down"), product((-1, 1), repeat=2))
def test_a_device_goes_on_straight_into_a_single_pixel_ahead_in_every_direction(across, down):
    device = Ray((0.0, 0.0), (-0.6 * across, -0.8 * down))  # away from the junction
    pixel = Ray((3.0 * across, 4.0 * down), (0.0, 0.0))  # which has no direction of its own
    assert turning(device, pixel) == turning(pixel, device) == pytest.approx(0.0)
