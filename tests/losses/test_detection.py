from __future__ import annotations

import math

import pytest
import torch

from custom.losses import CenterFocalLoss, DetectionLoss

LOG2 = math.log(2)


@pytest.fixture
def label():
    """Two frames of 2 x 3 cells: an electrode in row 0, column 1 of the first, none in the second."""
    center = torch.zeros(2, 1, 2, 3)
    center[0, 0] = torch.tensor([[0.5, 1.0, 0.0], [0.0, 0.0, 0.0]])
    size = torch.zeros(2, 2, 2, 3)
    size[0, :, 0, 1] = torch.tensor([3.0, 2.0])
    offset = torch.zeros(2, 2, 2, 3)
    offset[0, :, 0, 1] = torch.tensor([0.25, -0.25])
    return {"center": center, "size": size, "offset": offset, "center_cells": center == 1}


@pytest.fixture
def pred():
    """Probability one half everywhere; size 2.5 x 4 and offset 0 everywhere."""
    size = torch.tensor([2.5, 4.0]).reshape(1, 2, 1, 1).expand(2, 2, 2, 3)
    return {"center": torch.zeros(2, 1, 2, 3), "size": size.clone(), "offset": torch.zeros(2, 2, 2, 3)}


def test_focal_loss_by_hand(pred, label):
    # Each cell costs (1 / 4) log 2, the one with target one half 1 / 16 of it.
    expected = torch.tensor([(1 + 4 + 1 / 16) * LOG2 / 4, 6 * LOG2 / 4])
    torch.testing.assert_close(CenterFocalLoss()(pred, label), expected)


def test_focal_loss_of_a_network_that_is_rather_sure(pred, label):
    pred["center"] += math.log(3)  # probability three quarters
    hit, false = math.log(4 / 3) / 16, math.log(4) * 9 / 16
    expected = torch.tensor([hit + (4 + 1 / 16) * false, 6 * false])
    torch.testing.assert_close(CenterFocalLoss()(pred, label), expected)


def test_size_is_the_mean_over_the_electrodes(pred, label):
    label["center_cells"][0, 0, 1, 2] = True
    label["size"][0, :, 1, 2] = torch.tensor([2.0, 4.0])
    # Errors 0.5 and 2 at the one, 0.5 and 0 at the other.
    loss = DetectionLoss(offset_weight=0)(pred, label) - CenterFocalLoss()(pred, label)
    torch.testing.assert_close(loss, torch.tensor([(1.25 + 0.25) / 2, 0.0]))


def test_focal_loss_is_divided_by_the_electrodes(pred, label):
    label["center"][0, 0, 1, 2] = 1
    label["center_cells"] = label["center"] == 1
    expected = (2 + 3 + 1 / 16) * LOG2 / 4 / 2
    assert CenterFocalLoss()(pred, label)[0].item() == pytest.approx(expected)


def test_size_and_offset_count_at_the_electrode_only(pred, label):
    focal = CenterFocalLoss()(pred, label)
    # Size errors 0.5 and 2, offset errors 0.25 and 0.25, averaged over x and y.
    expected = focal + torch.tensor([0.1 * 1.25 + 10 * 0.25, 0.0])
    torch.testing.assert_close(DetectionLoss(size_weight=0.1, offset_weight=10)(pred, label), expected)


def test_offset_is_optional(pred, label):
    del pred["offset"]
    expected = CenterFocalLoss()(pred, label) + torch.tensor([1.25, 0.0])
    torch.testing.assert_close(DetectionLoss()(pred, label), expected)


def test_size_and_offset_count_alike_unless_told_otherwise(pred, label):
    expected = CenterFocalLoss()(pred, label) + torch.tensor([1.25 + 0.25, 0.0])
    torch.testing.assert_close(DetectionLoss()(pred, label), expected)


def test_a_perfect_prediction_costs_nothing(pred, label):
    pred |= {"size": label["size"], "offset": label["offset"], "center": label["center_cells"] * 200.0 - 100}
    torch.testing.assert_close(DetectionLoss()(pred, label), torch.zeros(2))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_extreme_half_precision_logits_stay_finite(pred, label, dtype):
    pred = {name: value.to(dtype) for name, value in pred.items()}
    pred["center"] = torch.tensor([-60000.0, 60000.0], dtype=dtype).reshape(2, 1, 1, 1).expand(2, 1, 2, 3).clone()
    pred["center"].requires_grad_()
    loss = DetectionLoss()(pred, label)
    loss.sum().backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite().all()
    assert pred["center"].grad.isfinite().all()
