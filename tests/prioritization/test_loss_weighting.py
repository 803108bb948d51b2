from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torchjd import scalarization

from custom.losses import PrioritizedLoss
from custom.prioritization import DynamicWeightAverage, Famo, GradNorm, PCGrad, PriorityState, UncertaintyWeighting

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


def test_famo_weighs_by_share_over_loss():
    weighting = Famo()
    weighting.observe(torch.tensor([4.0, 1.0]))
    torch.testing.assert_close(weighting(KPIS), torch.tensor([0.2, 0.8]))


def test_famo_turns_to_the_task_that_falls_slower():
    weighting = Famo(learning_rate=0.1, weight_decay=0.0)
    for losses in ((4.0, 1.0), (2.0, 1.0), (1.0, 1.0)):
        weighting.observe(torch.tensor(losses))
    # Log losses fell by log 2 and 0, twice nearly the same gradient: two Adam steps of nearly the learning rate.
    torch.testing.assert_close(weighting.logits.detach(), torch.tensor([-0.2, 0.2]), rtol=0, atol=1e-4)
    torch.testing.assert_close(weighting(KPIS), torch.softmax(torch.tensor([-0.2, 0.2]), dim=0), rtol=0, atol=1e-4)


def test_famo_waits_where_a_task_has_no_samples():
    weighting = Famo()
    weighting.observe(torch.tensor([4.0, 1.0]))
    weighting.observe(torch.tensor([2.0, 0.0]))
    torch.testing.assert_close(weighting(KPIS), torch.tensor([0.2, 0.8]))
    assert weighting.previous.tolist() == [4, 1]


def losses_of_epochs():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(5, 3, 2, generator=generator) + 0.1


def test_famo_equals_torchjd_told_the_next_losses():
    ours, theirs = Famo(0.03, weight_decay=0.01), scalarization.FAMO(2, lr=0.03, weight_decay=0.01)
    for number, losses in enumerate(losses_of_epochs().flatten(0, 1)):
        if number:
            theirs.update(losses)
        given = losses.clone().requires_grad_()
        theirs(given).backward()
        ours.observe(losses)
        torch.testing.assert_close(ours(KPIS), given.grad)


def test_dynamic_weight_average_equals_torchjd():
    ours, theirs = DynamicWeightAverage(temperature=1.5), scalarization.DWA(temperature=1.5)
    for epoch_losses in losses_of_epochs():
        ours.start_epoch()
        for losses in epoch_losses:
            given = losses.clone().requires_grad_()
            theirs(given).backward()
            ours.observe(losses)
            torch.testing.assert_close(ours(KPIS), given.grad)
        theirs.step()


def test_uncertainty_weighting_equals_torchjd():
    ours, theirs = UncertaintyWeighting(learning_rate=0.05), scalarization.UW(2)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.05)
    for losses in losses_of_epochs().flatten(0, 1):
        optimizer.zero_grad()
        theirs(losses).backward()
        optimizer.step()
        ours.observe(losses)
        torch.testing.assert_close(ours.log_variance, theirs.log_var.detach())


class Scaled(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, pred, label):
        return pred[self.name]


@pytest.mark.parametrize("name", ["average", "uncertainty", "norm", "famo", "surgery"])
def test_trains_inside_the_prioritized_loss_and_resumes(name):
    shared = nn.Parameter(torch.tensor([1.0, 2.0]))

    def build() -> PriorityState:
        weightings = {
            "average": DynamicWeightAverage(),
            "uncertainty": UncertaintyWeighting(0.1),
            "norm": GradNorm([shared]),
            "famo": Famo(0.1),
            "surgery": PCGrad([shared]),
        }
        return PriorityState(4, weighting=weightings[name])

    def train(priority: PriorityState, epochs: range) -> list[float]:
        loss = PrioritizedLoss(priority, losses={"detection": Scaled("d"), "segmentation": Scaled("s")})
        totals = []
        for number in epochs:
            priority.start_epoch(number)
            label = {"sample_index": torch.tensor([0, 3]), "available": torch.ones(2, 2, dtype=torch.bool)}
            pred = {"d": shared.sum() ** 2 / number * torch.ones(2), "s": (shared[0] - 3) ** 2 * torch.ones(2)}
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
    assert straight[-1] != pytest.approx(9 / 6 + 4)
    assert shared.grad.isfinite().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="moves between devices")
def test_famo_goes_on_after_a_resume_where_the_losses_are():
    trained, resumed = Famo(), Famo()
    for losses in ([1.0, 1.0], [0.5, 0.9], [0.4, 0.8]):
        trained.observe(torch.tensor(losses))
    resumed.load_state_dict(trained.state_dict())
    resumed.to("cuda")
    for weighting, device in ((trained, "cpu"), (resumed, "cuda")):
        weighting.observe(torch.tensor([0.3, 0.7], device=device))
    torch.testing.assert_close(resumed.task_weights.cpu(), trained.task_weights)
