import numpy as np
import pytest

from custom.postprocessing.mask_pieces import without_unsure_pieces


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
    kept = without_unsure_pieces(mask, mask, smallest, spacing_mm=1.0)
    assert kept.sum() == left
    assert not (kept & ~mask).any()


def test_pieces_close_to_each_other_count_together():
    # At 0.5 mm a pixel each bar reaches out 3 pixels: 6 pixels are bridged, 7 are not. 30 pixels are 7.5 mm2.
    left = {
        (gap, smallest): int(without_unsure_pieces(mask, mask, smallest, spacing_mm=0.5).sum())
        for gap, smallest in [(6, 7.5), (7, 7.5), (7, 5.0)]
        for mask in [two_bars(gap)]
    }
    assert left == {(6, 7.5): 30, (7, 7.5): 0, (7, 5.0): 20}


def test_pieces_count_together_alike_across_and_down():
    mask = np.random.default_rng(0).random((37, 61)) > 0.97
    kept = without_unsure_pieces(mask, mask, 4 * 0.25, spacing_mm=0.5)
    np.testing.assert_array_equal(kept, without_unsure_pieces(mask.T, mask.T, 4 * 0.25, spacing_mm=0.5).T)
    assert 0 < kept.sum() < mask.sum()


def test_only_what_is_sure_counts():
    mask = two_bars(gap=20)
    sure = np.zeros_like(mask)
    sure[11, 5:9] = True  # 4 of the larger bar's 20 pixels
    sure[30, :] = True  # not on the mask
    kept = without_unsure_pieces(mask, sure, 4, spacing_mm=1.0)
    np.testing.assert_array_equal(kept, mask & (np.arange(70) < 15))
    assert not without_unsure_pieces(mask, sure, 4.5, spacing_mm=1.0).any()


def test_corners_that_touch_hold_a_piece_together():
    mask = np.eye(12, 30, dtype=bool)
    assert without_unsure_pieces(mask, mask, 12 * 16, spacing_mm=4.0).sum() == 12


def test_a_mask_without_pieces_stays():
    empty = np.zeros((30, 20), dtype=bool)
    assert not without_unsure_pieces(empty, empty, 25.0, spacing_mm=0.3).any()
