import pytest
import torch

from custom.workflow import CosineDecay


def schedule(epochs):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
    return CosineDecay(optimizer, epochs)


def rates(decay, epochs):
    found = []
    for _ in range(epochs):
        found.append(decay.optimizer.param_groups[0]["lr"])
        decay.optimizer.step()
        decay.step()
    return found


def test_the_rate_falls_to_zero_along_a_cosine_and_stays_there():
    assert rates(schedule(4), 6) == pytest.approx([0.2, 0.1 + 0.1 * 0.5**0.5, 0.1, 0.1 - 0.1 * 0.5**0.5, 0, 0])


def resumed(decay, epochs):
    again = schedule(epochs)
    again.optimizer.load_state_dict(decay.optimizer.state_dict())
    again.load_state_dict(decay.state_dict())
    return again


def test_a_resumed_run_goes_on_as_the_straight_one():
    straight, first = schedule(5), schedule(5)
    expected = rates(straight, 5)
    assert rates(first, 2) + rates(resumed(first, 5), 3) == expected


def test_a_longer_run_follows_its_own_length():
    short = schedule(4)
    rates(short, 4)
    assert rates(resumed(short, 8), 4) == rates(schedule(8), 8)[4:]
