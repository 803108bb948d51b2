import numpy as np
import pytest
import torch

from custom.transforms.burned_in import electrocardiogram_opacity, graphics_opacity
from custom.transforms.display import denoised, sharpened, with_graphics, with_text

ROWS, COLUMNS = 64, 112


def step(frames=1):
    """Dark on the left, bright on the right."""
    image = torch.full((frames, 1, ROWS, COLUMNS), 0.2)
    image[..., 60:] = 0.8
    return image


def test_denoising_takes_noise_and_leaves_edges():
    torch.manual_seed(0)
    noisy = step() + 0.03 * torch.randn(1, 1, ROWS, COLUMNS)
    result = denoised(noisy, 1.0, (0.1, 0.1))
    assert result[..., 10:50].std() < 0.4 * noisy[..., 10:50].std()
    assert result[..., 59].mean() == pytest.approx(0.2, abs=0.02)
    assert result[..., 60].mean() == pytest.approx(0.8, abs=0.02)


def test_sharpening_adds_a_multiple_of_the_details():
    torch.manual_seed(0)
    once = sharpened(step(), 1.0, (0.2, 0.2)) - step()
    torch.manual_seed(0)
    twice = sharpened(step(), 1.0, (0.4, 0.4)) - step()
    torch.testing.assert_close(twice, 2 * once, atol=1e-6, rtol=0)
    assert once[0, 0, 30, 59] < -0.02
    assert once[0, 0, 30, 60] > 0.02
    assert once[0, 0, 30, [5, 100]].abs().max() < 1e-6


def test_sharpened_frames_stay_in_range():
    result = sharpened(step(), 1.0, (50.0, 50.0))
    assert (result.min(), result.max()) == (0, 1)


def test_text_covers_a_part_of_a_frame_in_one_grey():
    torch.manual_seed(3)
    image = step(frames=40)
    written = with_text(image, 1.0)
    changed = (written != image).flatten(1)
    assert torch.equal(image, step(frames=40))
    assert changed.any(1).float().mean() > 0.8  # some of it is spaces, some outside the frame
    assert changed.float().mean() < 0.5
    assert written.min() == 0
    assert written.max() == 1


def test_the_grey_of_a_text_lies_between_the_frame_and_it():
    torch.manual_seed(0)
    for frame in with_text(torch.full((30, 1, ROWS, COLUMNS), 0.5), 1.0):
        assert (frame >= 0.5).all() or (frame <= 0.5).all()


def test_an_electrocardiogram_crosses_the_frame_and_beats():
    for seed in range(20):
        trace = electrocardiogram_opacity(ROWS, COLUMNS, np.random.default_rng(seed)) > 0
        assert trace.any(axis=0).mean() > 0.7  # beats may reach beyond the frame
        assert trace.sum() < 0.2 * trace.size


def test_graphics_are_thin():
    drawn = [graphics_opacity(ROWS, COLUMNS, np.random.default_rng(seed)) for seed in range(20)]
    assert all(0 < (each > 0).mean() < 0.2 for each in drawn)
    assert len({each.tobytes() for each in drawn}) == 20


def test_graphics_are_on_as_many_frames_as_asked():
    torch.manual_seed(0)
    image = step(frames=200)
    changed = (with_graphics(image, 0.4) != image).flatten(1).any(1)
    assert 50 < int(changed.sum()) < 100  # 0.36 of them: some would have both
    assert torch.equal(with_graphics(image, 0.0), image)


@pytest.mark.parametrize(
    "effect",
    [
        lambda image, probability: denoised(image, probability, (0.1, 0.2)),
        lambda image, probability: sharpened(image, probability, (0.5, 1.0)),
        with_text,
    ],
)
def test_probability_decides_frame_by_frame(effect):
    torch.manual_seed(0)
    image = step(frames=100) + 0.02 * torch.rand(100, 1, ROWS, COLUMNS)
    changed = (effect(image, 0.5) != image).flatten(1).any(1)
    assert 25 < int(changed.sum()) < 75
    state = torch.get_rng_state()
    assert torch.equal(effect(image, 0.0), image)
    assert torch.equal(torch.get_rng_state(), state)
