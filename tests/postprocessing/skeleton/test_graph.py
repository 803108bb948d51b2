import numpy as np
import pytest

from custom.postprocessing.skeleton.field import find_field
from custom.postprocessing.skeleton.graph import Segment, skeleton_graph
from custom.postprocessing.skeleton.tracing import FREE
from tests.postprocessing.drawing import SHAPE, draw


def graph_of(mask: np.ndarray) -> list[Segment]:
    return skeleton_graph(mask, find_field(mask))


def test_line_is_one_segment_from_border_to_tip():
    (segment,) = graph_of(draw([(0, 60), (150, 60)]))
    assert segment.nodes == (FREE, FREE)
    assert sorted(segment.points[[0, -1], 0]) == [0, pytest.approx(149, abs=1)]
    assert np.array_equal(np.unique(segment.points[:, 1]), [60])
    assert segment.width == pytest.approx(5, abs=0.7)


def test_crossing_is_four_segments_at_one_place():
    segments = graph_of(draw([(40, 100), (200, 100)], [(120, 20), (120, 170)]))
    assert len(segments) == 4
    assert all(segment.nodes.count(FREE) == 1 for segment in segments)


def test_points_are_x_and_y_in_order():
    (segment,) = graph_of(draw([(30, 150), (30, 40), (170, 40)]))
    steps = np.abs(np.diff(segment.points, axis=0))
    assert steps.max() == 1
    ends = {tuple(point) for point in np.round(segment.points[[0, -1]], -1)}
    assert ends == {(30, 150), (170, 40)}


def test_ring_is_one_segment():
    mask = draw([(60, 60), (140, 60), (140, 120), (60, 120), (60, 60)])
    (segment,) = graph_of(mask)
    assert len(segment.points) == pytest.approx(2 * (80 + 60), rel=0.05)


def test_spurs_are_left_out():
    mask = draw([(20, 90), (220, 90)], radius=4)
    mask[83:86, 100] = True  # a bump of the outline
    segments = graph_of(mask)
    assert all(FREE not in segment.nodes or len(segment.points) > 20 for segment in segments)


def test_nothing():
    assert graph_of(np.zeros(SHAPE, dtype=bool)) == []


def test_noise_has_no_centreline():
    noise = np.random.default_rng(0).random((256, 256)) < 0.5
    assert graph_of(noise) == []


def test_width_is_that_across_a_slanting_line():
    column, row = np.meshgrid(np.arange(240), np.arange(200))
    for angle in (0.0, 0.4, np.pi / 4, 1.2):
        across = (row - 100.5) * np.cos(angle) - (column - 120) * np.sin(angle)
        (segment,) = graph_of(np.abs(across) < 3.0)
        assert segment.width == pytest.approx(6, abs=0.5)
