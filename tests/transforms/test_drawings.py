import numpy as np
import pytest
import torch
from scipy.ndimage import maximum_filter
from skimage.filters import unsharp_mask

from custom.postprocessing.mask_pieces import widened
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from custom.transforms import EraseDrawingsd
from custom.transforms.burned_in import electrocardiogram_opacity, graphics_opacity
from custom.transforms.drawings import white_lines

ROWS, COLUMNS = 120, 200


@pytest.fixture
def frame():
    """(120, 200) float32: brighter to the right, 60 to 180, with a dark wire of three pixels."""
    pixels = np.linspace(60, 180, COLUMNS, dtype=np.float32) * np.ones((ROWS, 1), np.float32)
    pixels[70:73] -= 50
    return pixels


def erased(pixels):
    return EraseDrawingsd()({"image": torch.from_numpy(pixels)[None]})["image"][0].numpy()


@pytest.mark.parametrize("brightest", [255, 4095])
def test_a_white_line_and_a_pixel_beside_it_get_the_grey_around_them(frame, brightest):
    drawn = frame.copy()
    drawn[20:22, 30:90] = brightest
    expected = np.zeros((ROWS, COLUMNS), dtype=bool)
    expected[19:23, 29:91] = True
    np.testing.assert_array_equal(white_lines(drawn), expected)
    np.testing.assert_array_equal(erased(drawn)[~expected], frame[~expected])
    assert np.abs(erased(drawn) - frame).max() < 2  # the grey changes by 0.6 from pixel to pixel


@pytest.mark.parametrize("draw", [electrocardiogram_opacity, graphics_opacity])
def test_lines_are_erased_from_simulated_frames(draw):
    frames = SimulatedSequences(load_config(), seed=3, size=256, sequences=8, frames=1).render(range(8)).images
    drawn, left = 0, 0
    for seed, pixels in enumerate(frames[:, 0].numpy()):
        opacity = draw(*pixels.shape, np.random.default_rng(seed))
        # As in 12 bits, of which the X-rays take fewer: a line is to stand out of what is behind it.
        white = pixels + opacity * (1.5 * pixels.max() - pixels)
        rest = erased(white)
        drawn, left = drawn + (opacity == 1).sum(), left + (rest > pixels.max()).sum()
        far = maximum_filter(opacity, 3) == 0
        np.testing.assert_array_equal(rest[far], white[far])
    assert drawn > 2000
    assert left < 0.05 * drawn  # short ones


def test_frames_without_drawings_stay_what_they_are():
    frames = SimulatedSequences(load_config(), seed=4, size=256, sequences=20, frames=1).render(range(20)).images
    for image in frames:
        data = {"image": image}
        assert EraseDrawingsd()(data)["image"] is image


def test_what_is_dark_or_grey_or_broad_or_tiny_stays(frame):
    frame[30:32, 30:90] = 0  # a black line
    frame[40:42, 30:60] = 150  # a grey one
    frame[90:110, 120:170] = 255  # a field without anything in it
    frame[95, 130:160] = 60  # and a wire there
    frame[10:14, 10:17] = 255  # 28 pixels: a seventh of 200 is 29
    assert not white_lines(frame).any()


def test_the_gap_between_two_devices_in_a_bright_field_stays(frame):
    frame[40:110, 100:180] = 200
    frame[71:74, 100:180] = frame[77:80, 100:180] = 40
    assert not white_lines(frame).any()


def test_turned_and_mirrored_frames_have_turned_and_mirrored_drawings(frame):
    frame[5:8, 20:60] = frame[20:50, 33] = 255
    drawn = white_lines(frame)
    assert drawn.any()
    np.testing.assert_array_equal(white_lines(frame.T), drawn.T)
    np.testing.assert_array_equal(white_lines(frame[::-1, ::-1]), drawn[::-1, ::-1])
    np.testing.assert_array_equal(white_lines(300 * frame - 1000), drawn)


def test_lines_that_lie_close_are_filled_from_around_them(frame):
    frame[40:64:3, 60:100] = 255  # with their margins no pixel between them is left
    assert white_lines(frame)[40:62, 60:100].all()
    block = erased(frame)[40:62, 60:100]
    assert block.min() > 60
    assert block.max() < 180


def test_edges_that_were_enhanced_stay():
    frames = SimulatedSequences(load_config(), seed=3, size=256, sequences=8, frames=1).render(range(8)).images
    for pixels in frames[:, 0].numpy():
        low, high = np.percentile(pixels, (0.1, 99.9))
        assert not white_lines(unsharp_mask((pixels - low) / (high - low), radius=3, amount=4)).any()


def test_a_frame_that_would_be_drawn_all_over_stays(frame):
    frame[::3] = 255
    assert not white_lines(frame).any()


def test_frames_of_one_grey_or_with_what_is_no_number_stay(frame):
    frame[5, 7] = np.nan
    for pixels in (np.full((9, 70), 7, np.float32), frame):
        np.testing.assert_array_equal(erased(pixels), pixels)


def test_a_mask_is_widened_by_squares():
    mask = np.zeros((9, 14), dtype=bool)
    mask[2, 3] = mask[8, 13] = True
    for reach in range(5):
        expected = maximum_filter(mask, 2 * reach + 1, mode="constant")
        np.testing.assert_array_equal(widened(mask, reach), expected)
