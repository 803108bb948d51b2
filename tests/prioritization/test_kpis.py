from __future__ import annotations

import math

import pytest
import torch

from custom.losses import CrossEntropyLoss
from custom.prioritization import DiceKpi, IouKpi, LossKpi

EMPTY = torch.zeros(1, 2, 3)
FOUR = torch.tensor([[[1.0, 1, 0], [1, 1, 0]]])
TWO = torch.tensor([[[0.0, 1, 1], [0, 0, 0]]])


def batch(predicted, true):
    return {"segmentation": torch.stack(predicted) * 20 - 10}, {"mask": torch.stack(true)}


@pytest.mark.parametrize(
    ("predicted", "true", "iou", "dice"),
    [(FOUR, TWO, 1 / 5, 2 / 6), (FOUR, FOUR, 1, 1), (EMPTY, EMPTY, 1, 1), (EMPTY, TWO, 0, 0), (TWO, EMPTY, 0, 0)],
)
def test_iou_and_dice_by_hand(predicted, true, iou, dice):
    pred, label = batch([predicted, FOUR], [true, FOUR])
    torch.testing.assert_close(IouKpi()(pred, label), torch.tensor([iou, 1.0]))
    torch.testing.assert_close(DiceKpi()(pred, label), torch.tensor([dice, 1.0]))


def test_a_pixel_is_catheter_above_one_half():
    kpi = IouKpi()({"segmentation": torch.tensor([[[[-0.1, 0.1]]]])}, {"mask": torch.tensor([[[[0.0, 1.0]]]])})
    assert kpi.item() == 1


def test_a_loss_becomes_a_kpi():
    kpi = LossKpi(lambda pred, label: label["loss"])({}, {"loss": torch.tensor([0.0, 1.0, 1000.0])})
    torch.testing.assert_close(kpi, torch.tensor([1, math.exp(-1), 0.0]))


def test_cross_entropy_kpi():
    pred, label = {"segmentation": torch.zeros(2, 1, 4, 6)}, {"mask": torch.ones(2, 1, 4, 6)}
    # Cross entropy log 2 everywhere.
    torch.testing.assert_close(LossKpi(CrossEntropyLoss())(pred, label), torch.tensor([0.5, 0.5]))
