import numpy as np
import pytest
from PIL import Image

from custom.visualization import draw_overlay
from custom.visualization.overlay import (
    ELECTRODE_COLOR,
    FALSE_COLOR,
    FOUND_COLOR,
    MISSED_COLOR,
    OPACITY,
    TRUE_ELECTRODE_COLOR,
    line_width,
    zoomed_points,
)

NOTHING = np.empty((0, 5))
ROWS, COLUMNS = 60, 90


def flat_mask(top=0, bottom=0):
    mask = np.zeros((ROWS, COLUMNS), dtype=np.uint8)
    mask[top:bottom] = 1
    return mask


def tint(color, grey=128):
    return [round((1 - OPACITY) * grey + OPACITY * channel) for channel in color]


def positions(picture, color):
    return np.argwhere((picture == color).all(-1))


def test_an_untouched_frame_is_grey():
    image = np.linspace(100, 4000, ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    picture = draw_overlay(image, flat_mask(), NOTHING)
    assert picture.shape == (ROWS, COLUMNS, 3)
    assert picture.dtype == np.uint8
    assert (picture[..., 0] == picture[..., 2]).all()
    assert (picture.min(), picture.max()) == (0, 255)


def test_mask_alone_is_blue():
    picture = draw_overlay(np.ones((ROWS, COLUMNS)), flat_mask(10, 20), NOTHING)
    assert picture[15, 50].tolist() == tint(FOUND_COLOR)
    assert picture[25, 50].tolist() == [128, 128, 128]


def test_right_false_and_missed_pixels_differ():
    picture = draw_overlay(np.ones((ROWS, COLUMNS)), flat_mask(10, 20), NOTHING, truth_mask=flat_mask(15, 25))
    assert [picture[row, 5].tolist() for row in (12, 17, 22)] == [
        tint(FALSE_COLOR),
        tint(FOUND_COLOR),
        tint(MISSED_COLOR),
    ]


@pytest.mark.parametrize("zoom", [1, 3])
def test_marks_surround_their_electrode(zoom):
    found = np.array([[60.0, 20.0, 8.0, 6.0, 0.9]])
    truth = np.array([[30.0, 40.0, 8.0, 6.0]])
    picture = draw_overlay(np.ones((ROWS, COLUMNS)), flat_mask(), found, truth_electrodes=truth, zoom=zoom)
    assert picture.shape == (zoom * ROWS, zoom * COLUMNS, 3)
    circle = positions(picture, ELECTRODE_COLOR)
    assert (circle.mean(0) + 0.5) / zoom - 0.5 == pytest.approx([20, 60], abs=0.5)
    assert (np.abs(circle - circle.mean(0)).max(0) >= 4 * zoom).all()
    assert np.ptp(circle, axis=0) == pytest.approx([2 * (4 * zoom + 1)] * 2, abs=1)  # one pixel outside the box
    cross = positions(picture, TRUE_ELECTRODE_COLOR)
    assert np.ptp(cross, axis=0).tolist() == [6, 6]
    assert (cross.mean(0) + 0.5) / zoom - 0.5 == pytest.approx([40, 30], abs=0.5)


def test_points_keep_their_place_in_enlarged_pixels_and_lines_grow_with_the_picture():
    assert zoomed_points(np.array([[0.0, 2.0], [-0.5, 0.5]]), 3).tolist() == [[1, 7], [-0.5, 2.5]]
    assert [line_width(Image.new("L", (1600, height))) for height in (100, 600, 1200)] == [1, 2, 3]


def test_electrodes_at_the_border_do_not_fail():
    found = np.array([[-0.4, -0.4, 8.0, 8.0, 0.5], [89.4, 59.4, 0.0, 0.0, 0.5]])
    assert len(positions(draw_overlay(np.ones((ROWS, COLUMNS)), flat_mask(), found), ELECTRODE_COLOR)) > 0
