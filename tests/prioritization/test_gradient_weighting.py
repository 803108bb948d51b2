from __future__ import annotations

import pytest
import torch
from torch import nn
from torchjd.aggregation import PCGradWeighting

from custom.prioritization import GradNorm, PCGrad
from custom.prioritization.gradient_weighting import gradient

KPIS = torch.tensor([0.3, 0.6])


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


def surgery(first: list[float], second: list[float]) -> torch.Tensor:
    """Weights for two losses with these gradients."""
    parameter = nn.Parameter(torch.zeros(len(first)))
    weighting = PCGrad([parameter])
    weighting.observe(torch.stack([parameter @ torch.tensor(first), parameter @ torch.tensor(second)]))
    return weighting(KPIS)


def test_gradients_that_conflict_lose_their_parts_along_each_other():
    # <(3, 0), (-1, 2)> = -3, squared lengths 9 and 5.
    weights = surgery([3.0, 0.0], [-1.0, 2.0])
    torch.testing.assert_close(weights, torch.tensor([1 + 3 / 9, 1 + 3 / 5]))
    # (3, 0) without its part along (-1, 2) is (2.4, 1.2); (-1, 2) without its part along (3, 0) is (0, 2).
    total = weights[0] * torch.tensor([3.0, 0.0]) + weights[1] * torch.tensor([-1.0, 2.0])
    torch.testing.assert_close(total, torch.tensor([2.4, 3.2]))


def test_gradients_that_agree_or_vanish_are_left_alone():
    assert surgery([3.0, 0.0], [1.0, 2.0]).tolist() == [1, 1]
    assert surgery([3.0, 0.0], [0.0, 0.0]).tolist() == [1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_surgery_equals_torchjd(seed):
    gradients = torch.randn(2, 6, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(surgery(*gradients.tolist()), PCGradWeighting()(gradients @ gradients.T))


def test_surgery_counts_parameters_that_one_task_does_not_reach():
    shared, own = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
    weighting = PCGrad([shared, own])
    weighting.observe(torch.stack([2 * shared[0], 3 * own[0] - shared[0]]))
    torch.testing.assert_close(weighting(KPIS), torch.tensor([1 + 2 / 4, 1 + 2 / 10]))


def test_small_gradients_survive_half_precision():
    layer = nn.Linear(4, 4)
    with torch.autocast("cpu", dtype=torch.float16):
        loss = 1e-6 * layer(torch.full((2, 4), 0.1)).float().sum()
    found = gradient(loss, list(layer.parameters()))
    expected = torch.cat([torch.full((16,), 2e-7), torch.full((4,), 2e-6)])
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0)
