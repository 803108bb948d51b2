import numpy as np
import pytest

from custom.postprocessing.polyline import line_overlap, resample_polyline
from tests.postprocessing.frames import moved


def test_overlap_counts_both_lines():
    long = resample_polyline(np.array([[10.0, 30.0], [90.0, 30.0]]), 0.5)
    short = resample_polyline(np.array([[10.0, 30.0], [50.0, 30.0]]), 0.5)
    assert line_overlap(long, long, 3.0) == 1.0
    assert line_overlap(moved(short, 0, 10), long, 3.0) == 0.0
    assert line_overlap(short, long, 0.0) == pytest.approx((81 + 81) / (81 + 161))


def test_nothing_overlaps_with_nothing():
    line, nothing = np.array([[10.0, 30.0], [11.0, 30.0]]), np.empty((0, 2))
    assert line_overlap(line, nothing, 3.0) == line_overlap(nothing, nothing, 3.0) == 0.0
