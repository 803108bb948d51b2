import numpy as np
import pytest

from custom.postprocessing.skeleton.tracing import FREE, trace_skeleton
from custom.postprocessing.skeleton.widths import widths_along


def skeleton_of(picture: str) -> np.ndarray:
    return np.array([[pixel == "#" for pixel in line.strip()] for line in picture.strip().splitlines()])


def traced(picture: str) -> list[tuple[list[tuple[int, int]], tuple[int, int]]]:
    pixels, lengths, nodes = trace_skeleton(skeleton_of(picture))
    parts = np.split(pixels, lengths.cumsum())[:-1]
    return [([tuple(pixel) for pixel in part.tolist()], tuple(ends)) for part, ends in zip(parts, nodes, strict=True)]


def test_a_line_with_a_corner_is_followed_pixel_by_pixel():
    (line,) = traced("""
        ##...
        .#...
        .#...
        ..##.
    """)
    assert line == ([(0, 0), (0, 1), (1, 1), (2, 1), (3, 2), (3, 3)], (FREE, FREE))


def test_three_lines_meet_at_a_junction_that_is_in_none_of_them():
    lines = traced("""
        ..#..
        ..#..
        #####
        .....
    """)
    assert sorted(lines) == [
        ([(1, 2), (0, 2)], (0, FREE)),
        ([(2, 1), (2, 0)], (0, FREE)),
        ([(2, 3), (2, 4)], (0, FREE)),
    ]


def test_a_ring_is_one_line_without_ends():
    ((pixels, nodes),) = traced("""
        .###.
        .#.#.
        .###.
    """)
    assert nodes == (FREE, FREE)
    assert sorted(pixels) == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 3), (2, 1), (2, 2), (2, 3)]
    steps = np.abs(np.diff([*pixels, pixels[0]], axis=0))
    assert steps.sum(axis=1).max() == 1


def test_two_rings_that_touch_share_their_junction():
    lines = traced("""
        ###.
        #.#.
        ####
        ..##
    """)
    # The rings have 8 and 4 pixels; the one that both have is the junction.
    assert [(len(pixels), nodes) for pixels, nodes in lines] == [(7, (0, 0)), (3, (0, 0))]


def test_a_single_pixel_is_a_line():
    assert traced("...\n.#.") == [([(1, 1)], (FREE, FREE))]


def test_nothing():
    assert traced("....\n....") == []


@pytest.mark.parametrize("rows", [3, 5])
def test_the_width_of_a_bar_is_its_rows(rows):
    mask = np.zeros((20, 40), dtype=bool)
    mask[10 - rows // 2 : 11 + rows // 2] = True
    pixels = np.stack([np.full(30, 10), np.arange(5, 35)], axis=1)
    lengths = np.array([10, 20])
    assert widths_along(mask, pixels, lengths) == pytest.approx(np.full(30, rows))
