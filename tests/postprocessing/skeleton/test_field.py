import numpy as np

from custom.postprocessing.skeleton.field import find_field
from tests.postprocessing.drawing import SHAPE, draw

ROWS, COLUMNS = SHAPE


def test_whole_frame_where_devices_reach_its_border_or_end_before():
    field = find_field(draw([(0, 60), (150, 90)]))
    assert (field.top, field.left, field.bottom, field.right) == (0, 0, ROWS - 1, COLUMNS - 1)


def test_edge_that_cuts_two_lines_is_the_side_of_the_field():
    mask = draw([(60, 0), (60, 150)], [(120, 0), (110, 150)])
    mask[:17] = False
    assert find_field(mask).top == 17
    assert find_field(mask[::-1]).bottom == ROWS - 1 - 17
    assert find_field(mask.T).left == 17
    assert find_field(mask.T[:, ::-1]).right == ROWS - 1 - 17


def test_edge_that_cuts_one_line_at_an_angle_is_the_side_of_the_field():
    mask = draw([(40, 0), (120, 150)])
    mask[:17] = False
    assert find_field(mask).top == 17


def test_tip_that_points_at_a_side_is_no_edge():
    assert find_field(draw([(60, 17), (60, ROWS - 1)])).top == 0


def test_bend_near_a_side_is_no_edge():
    assert find_field(draw([(40, 150), (60, 30), (80, 17), (100, 30), (120, 150)])).top == 0


def test_points_at_the_border_of_the_field():
    mask = draw([(60, 0), (60, 150)], [(120, 0), (110, 150)])
    mask[:17] = False
    field = find_field(mask)
    assert field.is_border(np.array([60.0, 18.0]))
    assert not field.is_border(np.array([60.0, 21.0]))
    assert field.is_border(np.array([1.0, 60.0]))


def test_circle_of_the_frame_is_the_border_where_devices_end_on_it():
    whole = draw([(0, 60), (COLUMNS - 1, 140)])
    row, column = np.indices(SHAPE)
    inside = np.hypot(column - (COLUMNS - 1) / 2, row - (ROWS - 1) / 2) <= ROWS / 2
    x, y = np.argwhere((whole & inside).T)[0]
    assert find_field(whole & inside).is_border(np.array([x, y]))
    assert not find_field(whole).is_border(np.array([x, y]))


def test_nothing_seen_is_the_whole_frame():
    assert find_field(np.zeros(SHAPE, dtype=bool))[:4] == (0, 0, ROWS - 1, COLUMNS - 1)
