import numpy as np
import pytest

from custom.postprocessing.mask_pieces import without_small_pieces


def two_bars(gap):
    """Bars of 2 x 10 and 2 x 5 pixels in a row, on (40, 70)."""
    mask = np.zeros((40, 70), dtype=bool)
    mask[10:12, 5:15] = True
    mask[10:12, 15 + gap : 20 + gap] = True
    return mask


@pytest.mark.parametrize(
    ("smallest", "left"), [(0, 30), (10, 30), (10.5, 20), (20, 20), (20.5, 0)], ids=lambda value: f"{value:g}"
)
def test_pieces_count_by_their_area(smallest, left):
    mask = two_bars(gap=20)
    kept = without_small_pieces(mask, smallest, spacing_mm=1.0)
    assert kept.sum() == left
    assert not (kept & ~mask).any()


def test_pieces_close_to_each_other_count_together():
    # At 0.5 mm a pixel each bar reaches out 3 pixels: 6 pixels are bridged, 7 are not. 30 pixels are 7.5 mm2.
    assert without_small_pieces(two_bars(gap=6), 7.5, spacing_mm=0.5).sum() == 30
    assert without_small_pieces(two_bars(gap=7), 7.5, spacing_mm=0.5).sum() == 0
    assert without_small_pieces(two_bars(gap=7), 5.0, spacing_mm=0.5).sum() == 20


def test_corners_that_touch_hold_a_piece_together():
    mask = np.eye(12, 30, dtype=bool)
    assert without_small_pieces(mask, 12 * 16, spacing_mm=4.0).sum() == 12


def test_a_mask_without_pieces_stays():
    assert not without_small_pieces(np.zeros((30, 20), dtype=bool), 25.0, spacing_mm=0.3).any()
