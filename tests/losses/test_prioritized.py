from __future__ import annotations

import pytest
import torch
from torch import nn

from custom.errors import InputError
from custom.losses import DetectionLoss, PrioritizedLoss
from custom.prioritization import ConstantWeights, PriorityState


class GivenLoss(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, pred, label):
        return pred[self.name]


@pytest.fixture
def priority():
    """Five samples; 0, 1 and 3 train detection with weights 1, 1 and 0.5, all but 0 train segmentation."""
    state = PriorityState(5, weighting=ConstantWeights(detection=3.0, segmentation=0.5))
    state.weights = torch.tensor([[1, 0], [1, 1], [0, 1], [0.5, 1], [0, 1]])
    state.observed_tasks = torch.tensor([True, True])
    return state


@pytest.fixture
def loss(priority):
    return PrioritizedLoss(priority, losses={"detection": GivenLoss("d"), "segmentation": GivenLoss("s")})


def batch(sample_index, available):
    pred = {
        "d": torch.tensor([2.0, 4.0, 8.0], requires_grad=True),
        "s": torch.tensor([10.0, 20.0, 40.0], requires_grad=True),
    }
    return pred, {"sample_index": torch.tensor(sample_index), "available": torch.tensor(available)}


def test_by_hand(loss):
    pred, label = batch([3, 1, 0], [[True, True]] * 3)
    total = loss(pred, label)
    detection = (0.5 * 2 + 4 + 8) / 2.5
    segmentation = (10 + 20) / 2
    assert loss.task_losses["detection"].item() == pytest.approx(detection)
    assert loss.task_losses["segmentation"].item() == pytest.approx(segmentation)
    assert total.item() == pytest.approx(3 * detection + 0.5 * segmentation)
    assert loss.trained_tasks == {"detection": True, "segmentation": True}
    total.backward()
    torch.testing.assert_close(pred["d"].grad, torch.tensor([0.6, 1.2, 1.2]))
    torch.testing.assert_close(pred["s"].grad, torch.tensor([0.25, 0.25, 0.0]))


def test_the_weighting_sees_the_losses_of_the_tasks(loss, monkeypatch):
    seen = []
    monkeypatch.setattr(loss.priority.weighting, "observe", lambda losses: seen.append(losses.tolist()))
    loss(*batch([3, 1, 0], [[True, True]] * 3))
    assert seen == [[pytest.approx((0.5 * 2 + 4 + 8) / 2.5), (10 + 20) / 2]]


def test_samples_without_the_label_are_masked_out(loss):
    pred, label = batch([3, 1, 0], [[True, False], [False, True], [True, False]])
    assert loss(pred, label).item() == pytest.approx(3 * (0.5 * 2 + 8) / 1.5 + 0.5 * 20)
    assert loss.trained_tasks == {"detection": True, "segmentation": True}


def test_a_batch_without_samples_for_a_task_costs_nothing_there(loss):
    pred, label = batch([2, 4, 2], [[True, False]] * 3)
    total = loss(pred, label)
    assert total.item() == 0
    assert loss.trained_tasks == {"detection": False, "segmentation": False}
    total.backward()
    assert pred["d"].grad.abs().sum() == 0


def test_weights_below_one_do_not_blow_up_a_batch(loss):
    pred, label = batch([3, 2, 2], [[True, False]] * 3)
    assert loss.forward(pred, label).item() == pytest.approx(3 * 0.5 * 2)


def test_an_untrained_state_weighs_everything_alike():
    loss = PrioritizedLoss(PriorityState(5), losses={"detection": GivenLoss("d"), "segmentation": GivenLoss("s")})
    pred, label = batch([0, 1, 4], [[True, True]] * 3)
    assert loss(pred, label).item() == pytest.approx((2 + 4 + 8) / 3 + (10 + 20 + 40) / 3)


def test_a_repeated_sample_counts_once(loss):
    pred, label = batch([3, 1, 1], [[True, True]] * 3)
    total = 3 * (0.5 * 2 + (4 + 8) / 2) / 1.5 + 0.5 * (10 + (20 + 40) / 2) / 2
    assert loss(pred, label).item() == pytest.approx(total)


def test_a_task_without_a_loss_of_its_own_keeps_its_loss(priority):
    loss = PrioritizedLoss(priority, losses={"segmentation": GivenLoss("s")})
    assert isinstance(loss.losses["detection"], DetectionLoss)
    assert isinstance(loss.losses["segmentation"], GivenLoss)


def test_a_loss_of_no_task_is_refused(priority):
    with pytest.raises(
        InputError, match="losses: no such task; found 'segmentaton'; expected detection or segmentation"
    ):
        PrioritizedLoss(priority, losses={"segmentaton": GivenLoss("s")})


def test_a_loss_that_is_no_value_a_sample_is_refused(loss):
    pred, label = batch([3, 1, 0], [[True, True]] * 3)
    pred["s"] = pred["s"].mean()
    with pytest.raises(
        InputError, match=r"loss of segmentation: wrong shape; found \(\); expected one value for each of"
    ):
        loss(pred, label)
