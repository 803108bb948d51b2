import numpy as np
import pytest

from custom.postprocessing.electrode_spread import electrode_spread

REACH = 5.0


def test_matches_scatter_about_their_mean():
    views = np.array([[[10, 20, 0.9]], [[12, 20, 0.8]], [[11, 23, 0.7]], [[11, 17, 0.6]]])
    # About (11, 20): squared distances 1, 1, 9, 9.
    assert electrode_spread(np.array([[11.0, 20.0]]), views, reach=REACH) == pytest.approx([5**0.5])


def test_one_view_alone_does_not_tell():
    views = np.array([[[10, 20, 0.9]], [[16, 20, 0.9]], [[10, 20, 0.0]]])  # one beyond reach, one with no score
    assert np.isnan(electrode_spread(np.array([[10.0, 20.0]]), views, reach=REACH)).all()


def test_neighbours_are_not_matched_twice():
    electrodes = np.array([[10.0, 20.0], [14.0, 20.0]])
    views = np.array([[[14, 20, 0.9], [10, 20, 0.8]], [[13, 20, 0.9], [9, 20, 0.8]]])
    assert electrode_spread(electrodes, views, reach=REACH) == pytest.approx([0.5, 0.5])
    one_each = np.array([[[12, 20, 0.9], [0, 0, 0.0]], [[12, 20, 0.9], [0, 0, 0.0]]])
    assert np.isfinite(electrode_spread(electrodes, one_each, reach=REACH)).sum() == 1


def test_nothing_is_no_error():
    assert electrode_spread(np.zeros((0, 2)), np.zeros((3, 0, 3)), reach=REACH).shape == (0,)
    assert np.isnan(electrode_spread(np.zeros((2, 2)), np.zeros((3, 4, 3)), reach=REACH)).all()
