import math

import numpy as np
import pytest

from custom.metrics.centerline import centerline_dice, centerline_points, line_distance, visible_parts
from tests.postprocessing.frames import moved

ROWS, COLUMNS = 60, 100
STRAIGHT = np.array([[10.0, 30.0], [90.0, 30.0]])


def stripe(top, bottom, left=0, right=COLUMNS):
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[top:bottom, left:right] = True
    return mask


def test_points_are_at_most_half_a_pixel_apart_and_keep_the_ends():
    points = centerline_points(np.array([[0.0, 0.0], [3.0, 4.0]]))
    assert len(points) == 11
    assert points[[0, -1]].tolist() == [[0, 0], [3, 4]]
    assert np.allclose(np.hypot(*np.diff(points, axis=0).T), 0.5)


def test_line_is_cut_where_it_left_the_view():
    line = np.array([[0, 0], [2, 0], [4, 0], [40, 0], [42, 0]], dtype=float)
    assert [len(part) for part in visible_parts(line)] == [3, 2]
    assert centerline_points(line)[:, 0].max() == 42
    assert not ((centerline_points(line)[:, 0] > 4.1) & (centerline_points(line)[:, 0] < 39.9)).any()


def test_coarse_annotation_is_not_cut():
    line = np.array([[0, 0], [40, 0], [90, 10]], dtype=float)
    assert len(visible_parts(line)) == 1


@pytest.mark.parametrize(
    ("step", "gap", "parts"), [(1, 8, 1), (1, 8.1, 2), (3, 12, 1), (3, 12.1, 2)]
)  # 8 pixels, and four times the median step
def test_a_gap_is_longer_than_8_pixels_and_four_steps(step, gap, parts):
    line = np.array([[0, 0], [step, 0], [2 * step, 0], [2 * step + gap, 0], [3 * step + gap, 0]])
    assert len(visible_parts(line)) == parts


@pytest.mark.parametrize(
    ("mask", "parts"),
    [
        (stripe(33, 34), 1),  # 3 pixels beside the line
        (stripe(34, 35), 2),
        (stripe(30, 31, 0, 44), 1),  # along 37 of the 70 pixels from x = 10, with the 3 around it
        (stripe(30, 31, 0, 39), 2),  # along 32
    ],
)
def test_a_stretch_lies_within_3_pixels_of_the_mask_for_half_of_its_length(mask, parts):
    line = np.array([[6, 29], [8, 29.5], [10, 30], [80, 30], [82, 30.5], [84, 31]])
    assert len(visible_parts(line, mask)) == parts


def test_long_straight_stretch_along_the_mask_is_not_cut():
    """Few points on the straight part, many in the bend; the mask has it all, or only what is left of x = 15."""
    line = np.array([[10, 30], [80, 30], [84, 31], [87, 33], [89, 36]], dtype=float)
    assert [len(part) for part in visible_parts(line)] == [1, 4]
    assert [len(part) for part in visible_parts(line, stripe(29, 32))] == [5]
    assert [len(part) for part in visible_parts(line, stripe(29, 32, 0, 15))] == [1, 4]
    assert len(centerline_points(line, stripe(29, 32))) > 140


@pytest.mark.parametrize("line", [np.empty((0, 2)), np.array([[3.0, 4.0]])])
def test_empty_line_and_single_point(line):
    assert centerline_points(line).tolist() == line.tolist()


def test_distance_of_parallel_lines():
    true, found = centerline_points(STRAIGHT), centerline_points(moved(STRAIGHT, 0, 2))
    assert line_distance(found, true) == (2.0, 2.0)


def test_distance_where_half_was_missed():
    """True x = 0 ... 80, found 0 ... 40, points every half pixel: 81 found ones at 0, 80 missed ones at 0.5 ... 40."""
    true = centerline_points(np.array([[0.0, 0.0], [80.0, 0.0]]))
    found = centerline_points(np.array([[0.0, 0.0], [40.0, 0.0]]))
    mean = 0.5 * sum(range(1, 81)) / (81 + 161)
    assert line_distance(found, true).mean == pytest.approx(mean)
    assert line_distance(found, true).p95 == pytest.approx(np.percentile([0] * 81 + [k / 2 for k in range(1, 81)], 95))


def test_distance_is_symmetric_and_zero_to_itself():
    one = centerline_points(STRAIGHT)
    other = centerline_points(np.array([[10.0, 20.0], [50.0, 50.0]]))
    assert line_distance(one, other) == pytest.approx(line_distance(other, one))
    assert line_distance(one, one) == (0.0, 0.0)


def test_distance_to_nothing_is_undefined():
    assert all(map(math.isnan, line_distance(np.empty((0, 2)), STRAIGHT)))
    assert all(map(math.isnan, line_distance(STRAIGHT, np.empty((0, 2)))))


def test_cl_dice_by_hand():
    """All of the found line in the true mask, half of the true line in the found mask: 2 * 1 * 0.5 / 1.5."""
    true = centerline_points(np.array([[0.0, 30.0], [99.0, 30.0]]))
    found = centerline_points(np.array([[0.0, 31.0], [49.0, 31.0]]))
    score = centerline_dice(found, true, found_mask=stripe(28, 34, 0, 50), true_mask=stripe(28, 34))
    inside = (np.rint(true[:, 0]) < 50).mean()
    assert inside == pytest.approx(0.5, abs=0.01)
    assert score == pytest.approx(2 * inside / (1 + inside))


def test_cl_dice_uses_rows_for_y():
    tall = np.zeros((COLUMNS, ROWS), bool)
    tall[:, 30] = True
    points = centerline_points(STRAIGHT[:, ::-1])
    assert centerline_dice(points, points, found_mask=tall, true_mask=tall) == 1.0
    assert centerline_dice(points[:, ::-1], points, found_mask=tall, true_mask=tall) < 0.1


def test_cl_dice_of_nothing():
    nothing, empty = np.empty((0, 2)), np.zeros((ROWS, COLUMNS), bool)
    assert centerline_dice(nothing, nothing, found_mask=empty, true_mask=empty) == 1.0
    assert centerline_dice(nothing, STRAIGHT, found_mask=empty, true_mask=stripe(28, 32)) == 0.0
    assert centerline_dice(STRAIGHT, nothing, found_mask=stripe(28, 32), true_mask=empty) == 0.0
