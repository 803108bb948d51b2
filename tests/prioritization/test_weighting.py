from __future__ import annotations

import math

import pytest
import torch

from custom.errors import InputError
from custom.prioritization import ConstantWeights, DynamicTaskPrioritization, InverseKpi, PriorityState


def test_inverse_kpi():
    torch.testing.assert_close(InverseKpi()(torch.tensor([0.25, 0.8])), torch.tensor([4.0, 1.25]))


def test_inverse_kpi_of_nothing_found_is_bounded():
    torch.testing.assert_close(InverseKpi(0.1)(torch.tensor([0.0, 1.0])), torch.tensor([10.0, 1.0]))
    with pytest.raises(InputError, match=r"minimum.*found 0"):
        InverseKpi(0)


def test_inverse_kpi_scales_a_task_by_name():
    weights = InverseKpi(detection=0.2)(torch.tensor([0.25, 0.8]))
    torch.testing.assert_close(weights, torch.tensor([0.8, 1.25]))


def test_inverse_kpi_names_an_unknown_task():
    with pytest.raises(InputError, match=r"scales.*'tracking'.*detection or segmentation"):
        InverseKpi(tracking=1.0)


@pytest.mark.parametrize("weighting", [InverseKpi, ConstantWeights])
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, "much"])
def test_what_is_no_weight_is_refused(weighting, value):
    with pytest.raises(InputError, match=rf"segmentation: not a weight; found.*{value}.*at least 0"):
        weighting(detection=0.5, segmentation=value)


def test_constant_weights_follow_the_order_of_tasks():
    weights = ConstantWeights(segmentation=0.5)(torch.tensor([0.1, 0.9]))
    torch.testing.assert_close(weights, torch.tensor([1.0, 0.5]))


def test_constant_weights_name_an_unknown_task():
    with pytest.raises(InputError, match=r"'tracking'.*detection or segmentation"):
        ConstantWeights(tracking=1.0)


def test_dynamic_task_prioritization():
    weights = DynamicTaskPrioritization(gamma=2.0)(torch.tensor([0.5, 0.8]))
    torch.testing.assert_close(weights, torch.tensor([0.25 * math.log(2), 0.04 * math.log(1.25)]))


def test_dynamic_task_prioritization_clamps_the_kpi():
    weights = DynamicTaskPrioritization(gamma=1.0)(torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(weights, torch.tensor([0.9 * math.log(10), -0.01 * math.log(0.99)]))


def test_dynamic_task_prioritization_over_three_steps():
    state = PriorityState(1, weighting=DynamicTaskPrioritization(gamma=1.0), alpha=0.5)
    for kpis in ([0.2, 0.5], [0.6, 0.5], [0.8, 0.0]):
        state.update(torch.tensor([0]), torch.tensor([kpis]), torch.ones(1, 2, dtype=torch.bool))
    # The averages go 0.2, 0.4, 0.6 and 0.5, 0.5, 0.25.
    torch.testing.assert_close(state.task_weights(), torch.tensor([-0.4 * math.log(0.6), -0.75 * math.log(0.25)]))
