from __future__ import annotations

import pytest
import torch

from custom.prioritization import PrioritySampler, PriorityState


@pytest.fixture
def priority():
    """Thirteen samples, those with an even index are selected."""
    state = PriorityState(13)
    state.start_epoch(1)
    state.weights = (torch.arange(13) % 2 == 0).float()[:, None].expand(13, 2).clone()
    return state


def test_every_selected_sample_comes_once(priority):
    sampler = PrioritySampler(priority)
    assert sorted(sampler) == [0, 2, 4, 6, 8, 10, 12]
    assert len(sampler) == 7


def test_a_sample_that_trains_one_task_comes_too(priority):
    priority.weights[3, 1] = 0.5
    assert 3 in list(PrioritySampler(priority))


def test_order_depends_on_seed_and_epoch_alone(priority):
    torch.manual_seed(1)
    first = list(PrioritySampler(priority, seed=5))
    torch.manual_seed(2)
    assert list(PrioritySampler(priority, seed=5)) == first
    assert list(PrioritySampler(priority, seed=6)) != first
    priority.ranked_epoch.fill_(2)
    second = list(PrioritySampler(priority, seed=5))
    assert second != first
    assert sorted(second) == sorted(first)


@pytest.mark.parametrize("world_size", [2, 3, 10])
def test_processes_share_the_epoch_evenly(priority, world_size):
    ranks = [PrioritySampler(priority, rank=rank, world_size=world_size) for rank in range(world_size)]
    orders = [list(sampler) for sampler in ranks]
    assert {len(order) for order in orders} == {len(sampler) for sampler in ranks} == {-(-7 // world_size)}
    assert set().union(*orders) == {0, 2, 4, 6, 8, 10, 12}


def test_batches_of_two_processes_are_those_of_one(priority):
    one = list(PrioritySampler(priority, rank=0, world_size=1))
    ranks = [list(PrioritySampler(priority, rank=rank, world_size=2)) for rank in range(2)]
    assert sorted(ranks[0][:2] + ranks[1][:2]) == sorted(one[:4])
