from __future__ import annotations

import pytest
import torch

from custom.errors import InputError
from custom.robustness import CorruptFramed, Inversion, Rotation, WhiteNoise
from custom.transforms import NormalizeFramed

ELECTRODE = {"x": 30.0, "y": 10.0, "width": 8.0, "height": 6.0, "kind": "ring"}


@pytest.fixture
def data():
    image = torch.linspace(1000, 3000, 40 * 60).reshape(1, 40, 60)
    mask = torch.zeros(1, 40, 60, dtype=torch.uint8)
    mask[:, 8:12] = 1
    return {"image": image, "mask": mask, "electrodes": [ELECTRODE], "sample_index": 7, "name": "a.png"}


def corrupting(seed=0):
    corruptions = {"noise": WhiteNoise([0.1], ""), "turn": Rotation([90], ""), "inversion": Inversion([1], "")}
    return CorruptFramed(corruptions, seed=seed)


def test_nothing_selected_changes_nothing(data):
    transform = corrupting()
    assert transform(data) == data
    transform.select("turn", 90)
    transform.select(None)
    assert transform(data) == data


def test_frames_of_any_range_are_stored_in_256_levels(data):
    transform = corrupting()
    transform.select("inversion", 1)
    image = transform(data)["image"]
    assert torch.equal(image, image.round())
    assert (image.min(), image.max(), image.dtype) == (0, 255, torch.float32)
    expected = 1 - NormalizeFramed()(data)["image"]
    torch.testing.assert_close(NormalizeFramed()({"image": image})["image"], expected, rtol=0, atol=0.01)


def test_labels_keep_their_forms(data):
    transform = corrupting()
    transform.select("turn", 90)
    turned = transform(data)
    # The centre is (29.5, 19.5): half a pixel right of it and above.
    assert turned["electrodes"] == [pytest.approx({"x": 20.0, "y": 19.0, "width": 8.0, "height": 6.0})]
    assert (turned["mask"].shape, turned["mask"].dtype) == ((1, 40, 60), torch.uint8)
    assert torch.equal(turned["mask"][0].any(0).nonzero().ravel(), torch.arange(18, 22))
    assert data["electrodes"] == [ELECTRODE]


def test_random_numbers_are_those_of_seed_corruption_and_frame(data):
    def noisy(seed=0, **fields):
        transform = corrupting(seed)
        transform.select("noise", 0.1)
        return transform({**data, **fields})["image"]

    assert torch.equal(noisy(), noisy())
    assert not torch.equal(noisy(), noisy(seed=1))
    assert not torch.equal(noisy(), noisy(sample_index=8))


def test_what_is_not_annotated_stays_so(data):
    transform = corrupting()
    transform.select("turn", 90)
    turned = transform({**data, "mask": None, "electrodes": None})
    assert turned["mask"] is None
    assert turned["electrodes"] is None
    assert transform({**data, "electrodes": []})["electrodes"] == []


def test_some_corruptions_can_be_chosen_by_name():
    corruptions = corrupting().corruptions
    assert list(CorruptFramed(corruptions, only="turn,noise").corruptions) == ["turn", "noise"]
    for only in ("turn,nois", []):
        with pytest.raises(InputError, match=r"unknown corruption.*noise, turn, inversion"):
            CorruptFramed(corruptions, only=only)


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True, None])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(InputError, match=r"corruption_seed: is no seed"):
        CorruptFramed(corrupting().corruptions, seed=seed)
