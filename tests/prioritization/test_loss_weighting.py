from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from custom.losses import PrioritizedLoss
from custom.prioritization import DynamicWeightAverage, GradNorm, PriorityState, UncertaintyWeighting

KPIS = torch.tensor([0.3, 0.6])


def epoch(weighting, *losses):
    weighting.start_epoch()
    for step in losses:
        weighting.observe(torch.tensor(step))


def test_dynamic_weight_average_follows_the_last_two_epochs():
    weighting = DynamicWeightAverage(temperature=2.0)
    epoch(weighting, (3.0, 1.0), (5.0, 3.0))
    epoch(weighting, (2.0, 1.0))
    torch.testing.assert_close(weighting(KPIS), torch.ones(2))
    weighting.start_epoch()
    # The means went from 4 to 2 and from 2 to 1: alike.
    torch.testing.assert_close(weighting(KPIS), torch.ones(2))
    weighting.observe(torch.tensor([1.0, 2.0]))
    weighting.start_epoch()
    slow = 2 / (1 + math.exp((0.5 - 2.0) / 2))
    torch.testing.assert_close(weighting(KPIS), torch.tensor([2 - slow, slow]))


def test_dynamic_weight_average_leaves_steps_without_samples_out():
    weighting = DynamicWeightAverage()
    epoch(weighting, (4.0, 2.0))
    epoch(weighting, (1.0, 2.0), (0.0, 2.0))
    weighting.start_epoch()
    quick = 2 / (1 + math.exp((1.0 - 0.25) / 2))
    torch.testing.assert_close(weighting(KPIS), torch.tensor([quick, 2 - quick]))


def test_uncertainty_weighting_descends_its_objective():
    weighting = UncertaintyWeighting(learning_rate=0.5)
    torch.testing.assert_close(weighting(KPIS), torch.tensor([0.5, 0.5]))
    weighting.observe(torch.tensor([3.0, 0.5]))
    # s -= 0.5 * (1 - L) / 2
    torch.testing.assert_close(weighting.log_variance, torch.tensor([0.5, -0.125]))
    torch.testing.assert_close(weighting(KPIS), torch.tensor([math.exp(-0.5) / 2, math.exp(0.125) / 2]))


def test_uncertainty_settles_where_the_variance_is_the_loss():
    weighting = UncertaintyWeighting(learning_rate=0.1)
    for _ in range(1000):
        weighting.observe(torch.tensor([4.0, 0.0]))
    torch.testing.assert_close(weighting(KPIS), torch.tensor([1 / 8, 1 / 2]))


def test_grad_norm_by_hand_over_three_steps():
    shared = nn.Parameter(torch.tensor([1.0, 2.0]))
    weighting = GradNorm([shared], asymmetry=1.0, learning_rate=0.1)
    # Gradients (3, 4) and (1, 0): norms 5 and 1. First step: speeds alike, target 3; weights 1 - 0.5 and 1 + 0.1.
    losses = lambda: torch.stack([3 * shared[0] + 4 * shared[1], shared[0] + 0 * shared[1]])  # noqa: E731
    weighting.observe(losses())
    weights = torch.tensor([0.5, 1.1]) * 2 / 1.6
    torch.testing.assert_close(weighting(KPIS), weights)
    # Loss of detection 11 -> 9.9, of segmentation unchanged: speeds 0.9 and 1 over their mean, 0.95.
    with torch.no_grad():
        shared[1] -= 1.1 / 4
    weighting.observe(losses())
    # G = 3.125 and 1.375, mean 2.25, targets 2.1316 and 2.3684: detection falls by 0.5, segmentation rises by 0.1.
    weights = (weights + torch.tensor([-0.5, 0.1])) * 2 / 1.6
    torch.testing.assert_close(weighting(KPIS), weights)
    # G = 0.78125 and 1.84375, mean 1.3125, targets 1.2434 and 1.3816: now the other way round.
    weighting.observe(losses())
    weights = (weights + torch.tensor([0.5, -0.1])) * 2 / 2.4
    torch.testing.assert_close(weighting(KPIS), weights)


def test_grad_norm_waits_where_a_task_has_no_samples():
    shared = nn.Parameter(torch.ones(2))
    weighting = GradNorm([shared])
    weighting.observe(torch.stack([shared.sum(), 0 * shared.sum()]))
    torch.testing.assert_close(weighting(KPIS), torch.ones(2))


class Scaled(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, pred, label):
        return pred[self.name]


@pytest.mark.parametrize("name", ["average", "uncertainty", "norm"])
def test_trains_inside_the_prioritized_loss_and_resumes(name):
    shared = nn.Parameter(torch.tensor([1.0, 2.0]))

    def build() -> PriorityState:
        weightings = {
            "average": DynamicWeightAverage(),
            "uncertainty": UncertaintyWeighting(0.1),
            "norm": GradNorm([shared]),
        }
        return PriorityState(4, weighting=weightings[name])

    def train(priority: PriorityState, epochs: range) -> list[float]:
        loss = PrioritizedLoss(priority, losses={"detection": Scaled("d"), "segmentation": Scaled("s")})
        totals = []
        for number in epochs:
            priority.start_epoch(number)
            label = {"sample_index": torch.tensor([0, 3]), "available": torch.ones(2, 2, dtype=torch.bool)}
            pred = {"d": shared.sum() ** 2 / number * torch.ones(2), "s": shared[0] ** 2 * torch.ones(2)}
            total = loss(pred, label)
            total.backward()
            priority.update(label["sample_index"], torch.full((2, 2), 0.5), label["available"])
            totals.append(total.item())
        return totals

    straight = train(build(), range(1, 7))
    stopped = build()
    first = train(stopped, range(1, 4))
    resumed = build()
    resumed.load_state_dict(stopped.state_dict())
    assert first + train(resumed, range(4, 7)) == pytest.approx(straight)
    assert straight[-1] != pytest.approx(9 / 6 + 1)
    assert shared.grad.isfinite().all()
