import math

import numpy as np
import pytest
import torch

from custom.data.reader import read_frame
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedSequences
from custom.transforms import CheckFramed, FlagUnlikeTrainingd
from custom.transforms.burned_in import electrocardiogram_opacity, graphics_opacity
from custom.transforms.check_frame import FRAME_FLAGS, _smoothed_a_little

ROWS, COLUMNS = 160, 240


@pytest.fixture
def frame():
    """(160, 240) float32: a bright field with noise and one thin dark wire."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    wire = np.exp(-(((rows - 0.5 * columns - 20) / 1.5) ** 2))
    noise = np.random.default_rng(0).normal(0, 2, (ROWS, COLUMNS))
    return (140 + 40 * np.sin(columns / 60) - 60 * wire + noise).astype(np.float32)


def flags(pixels, **thresholds):
    return CheckFramed(**thresholds)({"image": torch.from_numpy(np.asarray(pixels, np.float32))[None]})["flags"]


def test_a_frame_with_a_dark_wire_is_left_alone(frame):
    assert flags(frame) == []


@pytest.mark.parametrize("gain", [0.01, 1, 257])
def test_flags_do_not_depend_on_the_unit_of_the_greys(frame, gain):
    assert flags(frame * gain) == []
    assert flags((300 - frame) * gain) == ["inverted"]


def test_a_bright_wire_is_inverted(frame):
    assert flags(300 - frame) == ["inverted"]
    assert flags(300 - frame, inverted_darkness=-1.1) == []


def test_a_bright_line_around_the_picture_is_not_taken_for_wires(frame):
    framed = np.full_like(frame, 255)
    framed[1:-1, 1:-1] = frame[1:-1, 1:-1]
    assert flags(framed) == []


@pytest.mark.parametrize("draw", [electrocardiogram_opacity, graphics_opacity])
def test_what_is_drawn_in_white_does_not_make_a_frame_inverted(frame, draw):
    for seed in range(10):
        drawn = draw(ROWS, COLUMNS, np.random.default_rng(seed))
        assert flags(frame + drawn * (255 - frame)) == []
        assert flags(300 - frame + drawn * frame) == ["inverted"]


def test_fine_structures_are_smoothed_by_half_a_wires_width():
    impulse = np.zeros((15, 21))
    impulse[7, 9] = 1
    smooth = _smoothed_a_little(impulse)
    rows, columns = np.mgrid[2 : 15 - 2, 2 : 21 - 2]
    assert smooth.sum() == pytest.approx(1)
    assert (smooth * (rows - 7) ** 2).sum() == pytest.approx(0.9**2)
    assert (smooth * (columns - 9) ** 2).sum() == pytest.approx(0.9**2)


@pytest.mark.parametrize("level", [0, 128, -7])
def test_a_frame_of_one_grey_is_blank(level):
    assert flags(np.full((ROWS, COLUMNS), level)) == ["blank"]


def test_noise_and_few_greys_are_low_contrast(frame):
    noise = np.random.default_rng(0).normal(100, 20, (ROWS, COLUMNS))
    assert flags(noise) == ["low_contrast"]
    assert flags(1000 + 0.2 * frame) == ["low_contrast"]  # 15 of 1036


def test_burnt_and_black_frames_are_saturated(frame):
    assert flags(frame.clip(max=np.percentile(frame, 85))) == ["saturated"]
    assert flags(frame.clip(max=np.percentile(frame, 95))) == []
    collimated = np.zeros_like(frame)
    collimated[20:-20, 30:-30] = frame[20:-20, 30:-30]  # 44 % are black
    assert flags(collimated) == []
    collimated[:, 80:] = 0
    assert flags(collimated) == ["saturated"]


def test_a_small_frame_is_tiny(frame):
    assert flags(frame[:100]) == ["tiny"]
    assert flags(frame[:100], minimum_side=100) == []
    assert flags(np.zeros((3, 2))) == ["tiny", "blank"]
    assert "tiny" in flags(np.arange(12.0).reshape(3, 4))


def test_the_frame_stays_as_it_was(frame):
    data = {"image": torch.from_numpy(frame)[None], "name": "frame"}
    result = CheckFramed()(data)
    assert result["image"] is data["image"]
    assert result["name"] == "frame"
    assert "flags" not in data


def test_every_flag_has_a_sentence(frame):
    spoilt = (np.zeros((3, 2)), 300 - frame, frame.clip(max=np.percentile(frame, 85)), 1000 + 0.2 * frame)
    raised = {flag for pixels in spoilt for flag in flags(pixels)}
    assert raised == {"tiny", "blank", "inverted", "saturated", "low_contrast"}
    assert raised | {"unlike_training"} == FRAME_FLAGS.keys()


@pytest.mark.parametrize(("distance", "expected"), [(0.99, []), (1.01, ["unlike_training"]), (math.nan, [])])
@pytest.mark.parametrize("beside", [True, False], ids=["beside the image", "in pred"])
def test_a_frame_beyond_the_limit_is_unlike_training(distance, expected, beside):
    output = {"segmentation": torch.zeros(1, 4, 4), "feature_distance": torch.tensor(distance)}
    data = {"image": torch.zeros(1, 4, 4), "flags": ["tiny"], **(output if beside else {"pred": output})}
    result = FlagUnlikeTrainingd()(data)
    assert result["flags"] == ["tiny", *expected]
    assert result["feature_distance"] == pytest.approx(distance, nan_ok=True)
    assert "segmentation" in (result if beside else result["pred"])


def test_a_network_without_a_distance_flags_nothing():
    result = FlagUnlikeTrainingd()({"pred": {"segmentation": torch.zeros(1, 4, 4)}})
    assert result["flags"] == []
    assert math.isnan(result["feature_distance"])


@pytest.mark.slow
def test_hardly_any_simulated_frame_is_flagged():
    sequences = SimulatedSequences(load_config(), seed=77, size=(256, 320), sequences=100, frames=1)
    pixels = [sequences.render([index]).images[0, 0].numpy() for index in range(100)]
    assert sum(flags(frame) != [] for frame in pixels) <= 3
    inverted = [flags(frame.max() + frame.min() - frame) for frame in pixels]
    assert sum("inverted" in found for found in inverted) >= 20


def test_no_real_frame_is_flagged(shared_data):
    files = [*shared_data.glob("frames/*/images/*.png"), *shared_data.glob("dicom/*.dcm")]
    assert len(files) == 9
    assert [(path.name, flags(read_frame(path, 0).pixels)) for path in files if flags(read_frame(path, 0).pixels)] == []
