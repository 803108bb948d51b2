from __future__ import annotations

import numpy as np
import pytest

from custom.robustness import Collimation, ExtraWires, Rotation
from custom.robustness.corruption import LabelledFrame

ROWS, COLUMNS = 60, 100


def labelled(*boxes, mask=None):
    """A frame whose pixels are bright squares of 5 x 5 at the boxes' centres."""
    pixels = np.zeros((ROWS, COLUMNS), np.float32)
    for x, y, *_ in boxes:
        pixels[y - 2 : y + 3, x - 2 : x + 3] = 1
    return LabelledFrame(pixels, mask, np.array(boxes, dtype=float).reshape(-1, 4))


def corrupt(kind, frame, strength, seed=0):
    return kind([strength], "")(frame, strength, np.random.default_rng(seed))


def centroid(image):
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    return [(columns * image).sum() / image.sum(), (rows * image).sum() / image.sum()]


def test_a_quarter_turn_by_hand():
    # The centre is (49.5, 29.5); counter-clockwise on the screen, right goes up.
    frame = labelled((69, 29, 8, 6))
    turned = corrupt(Rotation, frame, 90)
    assert turned.boxes.tolist() == [pytest.approx([49.0, 10.0, 8.0, 6.0])]
    assert centroid(turned.pixels) == pytest.approx([49.0, 10.0], abs=1e-3)


@pytest.mark.parametrize("degrees", [5, 20, 45, -30])
def test_pixels_mask_and_electrodes_turn_together(degrees):
    frame = labelled((62, 21, 8, 6))
    frame = LabelledFrame(frame.pixels, frame.pixels > 0, frame.boxes)
    turned = corrupt(Rotation, frame, degrees)
    assert centroid(turned.pixels) == pytest.approx(turned.boxes[0, :2], abs=0.05)
    assert centroid(turned.mask) == pytest.approx(turned.boxes[0, :2], abs=0.3)
    assert np.count_nonzero(turned.mask) == pytest.approx(25, abs=4)


@pytest.mark.parametrize("degrees", [5, 20, 40, -30])
def test_a_thin_mask_keeps_its_area(degrees):
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[21:28, 30:80] = True
    turned = corrupt(Rotation, labelled(mask=mask), degrees)
    assert np.count_nonzero(turned.mask) == pytest.approx(350, rel=0.02)


def test_what_turns_out_of_view_is_not_labelled():
    turned = corrupt(Rotation, labelled((95, 30, 8, 6), (50, 30, 8, 6)), 90)
    assert turned.boxes[:, 2:].tolist() == [[8, 6]]
    assert turned.boxes[0, :2] == pytest.approx([50.0, 29.0])


def test_blades_hide_pixels_and_labels():
    mask = np.ones((ROWS, COLUMNS), bool)
    hidden, near, middle = (15, 30, 8, 6), (22, 30, 8, 6), (50, 30, 8, 6)
    frame = labelled(hidden, near, middle, mask=mask)
    collimated = corrupt(Collimation, frame, 0.2)
    assert collimated.boxes.tolist() == [list(map(float, near)), list(map(float, middle))]
    # A fifth of 100 columns and of 60 rows; edges fall to 0 within three pixels.
    assert np.flatnonzero(collimated.mask[30])[[0, -1]] == pytest.approx([19, 80], abs=2)
    assert np.flatnonzero(collimated.mask[:, 50])[[0, -1]] == pytest.approx([11, 48], abs=2)
    assert collimated.pixels[30, 15] == 0
    assert collimated.pixels[30, 50] == 1


def test_wires_are_dark_thin_and_in_the_mask():
    rows, columns = 180, 300
    frame = LabelledFrame(np.full((rows, columns), 0.5, np.float32), np.zeros((rows, columns), bool), None)
    one, three = (corrupt(ExtraWires, frame, count) for count in (1, 3))
    assert one.pixels.min() == pytest.approx(0.38)
    assert (one.pixels[one.mask] <= 0.441).all()
    assert (one.pixels[~one.mask] >= 0.439).all()
    length = np.count_nonzero(one.mask.any(axis=0))
    assert 0.5 * columns <= length <= columns
    assert np.count_nonzero(one.mask) < 4 * length
    # A stronger corruption has the same wires and more.
    assert one.mask[~three.mask].sum() == 0
    assert three.mask.sum() > one.mask.sum()
    assert not frame.mask.any()


@pytest.mark.parametrize(("kind", "strength"), [(Rotation, 8), (Collimation, 1 / 8), (ExtraWires, 2)])
def test_what_is_not_annotated_stays_so(kind, strength):
    frame = LabelledFrame(np.full((ROWS, COLUMNS), 0.5, np.float32), None, None)
    corrupted = corrupt(kind, frame, strength)
    assert not np.array_equal(corrupted.pixels, frame.pixels)
    assert corrupted.mask is None
    assert corrupted.boxes is None
