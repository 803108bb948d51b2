import math

import pytest
import torch

from custom.engines import agrees, largest_difference

LOGITS = {"center": torch.tensor([[1.0, -2.0]]), "feature_distance": torch.tensor([50.0, math.nan])}


def test_logits_count_as_they_are_and_distances_relatively():
    found = {"center": torch.tensor([[1.0, -1.75]]), "feature_distance": torch.tensor([60.0, math.nan])}
    assert largest_difference(found, LOGITS) == pytest.approx(0.25)
    assert largest_difference({**LOGITS, "feature_distance": found["feature_distance"]}, LOGITS) == pytest.approx(0.2)
    small = {**LOGITS, "feature_distance": torch.tensor([0.5, math.nan])}
    assert largest_difference({**small, "feature_distance": torch.tensor([0.75, math.nan])}, small) == 0.25
    assert largest_difference(LOGITS, LOGITS) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"center": torch.tensor([1.0, -2.0])},
        {"center": torch.tensor([[1.0]])},
        {"center": torch.tensor([[math.inf, -2.0]])},
        {"center": torch.tensor([[math.nan, -2.0]])},
        {"feature_distance": torch.tensor([50.0, 1.0])},
        {"size": torch.zeros(1)},
    ],
)
def test_other_shapes_nan_and_outputs_never_agree(change):
    assert largest_difference({**LOGITS, **change}, LOGITS) == math.inf


def test_a_thousandth_is_too_much():
    network = torch.nn.Identity()
    assert agrees(lambda image: {"a": image + 1e-5}, lambda image: {"a": network(image)})
    assert not agrees(lambda image: {"a": image + 1e-3}, lambda image: {"a": network(image)})


def test_a_runner_of_one_size_does_not_agree():
    size = (64, 80)
    assert not agrees(lambda image: {"a": image if image.shape[-2:] == size else 2 * image}, lambda image: {"a": image})
