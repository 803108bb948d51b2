"""Frames that an export is calibrated and checked on."""

import json

import pytest
import torch

from custom.errors import InputError
from custom.export import find_frames
from tests.tiny_data import write_tiny_data

GREY = {"00": 0, "01": 1, "02": 2, "03": 3}  # by case


def named_grey(entry):
    """A frame as grey as its case, with a mask where it is annotated."""
    pixels = torch.full((1, 16, 32), GREY[entry["image"][-9:-7]])
    mask = torch.eye(16, 32)[None].to(torch.uint8) * 255
    return {"image": pixels, "mask": mask if entry["mask"] else None}


def found(path, **options):
    return [int(frame.image[0, 0, 0, 0]) for frame in find_frames(str(path), named_grey, **options)]


@pytest.fixture
def without(tmp_path):
    """A datalist in which some splits are empty."""

    def write(*splits):
        path = write_tiny_data(tmp_path)
        path.write_text(json.dumps(json.loads(path.read_text()) | {name: [] for name in splits}))
        return path

    return write


def test_training_frames_calibrate_and_others_check(without):
    assert found(without(), count=9, calibrates=True) == [0, 0, 1, 1]
    assert found(without(), count=9) == [3, 3]
    assert found(without("test"), count=9) == [2, 2]
    assert found(without(), count=2, calibrates=True) == [0, 1]


def test_a_datalist_without_such_frames_is_refused(without):
    with pytest.raises(InputError, match="test or validation: there are no frames to use"):
        found(without("test", "validation"), count=9)


def test_a_mask_is_true_where_it_is_annotated(without):
    path = without()
    document = json.loads(path.read_text())
    document["test"][1]["mask"] = None
    path.write_text(json.dumps(document))
    first, second = find_frames(str(path), named_grey, count=2)
    assert (first.image.dtype, first.image.shape) == (torch.float32, (1, 1, 16, 32))
    assert torch.equal(first.mask, torch.eye(16, 32)[None, None] > 0)
    assert second.mask is None


def test_simulated_frames_that_calibrate_are_not_those_that_check():
    (checks,), (calibrates,) = (find_frames(None, named_grey, count=1, calibrates=kind) for kind in (False, True))
    assert checks.image.shape == checks.mask.shape == calibrates.image.shape == (1, 1, 256, 256)
    assert not torch.equal(checks.image, calibrates.image)
    assert torch.equal(checks.image, find_frames(None, named_grey, count=1)[0].image)
