from types import SimpleNamespace

import pytest
import torch
from ignite.engine import Engine

from custom.workflow import EpochReport


def reported(*epochs):
    """Metrics after each epoch; an epoch is a list of steps: total, detection's loss, whether detection had samples."""
    loss = SimpleNamespace(task_losses={}, trained_tasks={})

    def step(engine, batch):
        total, detection, trained = batch
        loss.task_losses = {"detection": torch.tensor(detection)}
        loss.trained_tasks = {"detection": torch.tensor(trained)}
        return {"loss": torch.tensor(total), "image": torch.zeros(2, 1, 4, 6)}

    engine = Engine(step)
    parameter = torch.zeros(1, requires_grad=True)
    EpochReport(loss=loss, optimizer=torch.optim.SGD([parameter], lr=0.1)).attach(engine)
    results = []
    for number, steps in enumerate(epochs, start=1):
        engine.run(steps, max_epochs=number, epoch_length=len(steps))
        results.append(dict(engine.state.metrics))
    return results


def test_task_losses_are_means_over_the_steps_that_have_samples_of_the_task():
    (metrics,) = reported([(3.0, 2.0, True), (1.0, 0.0, False), (2.0, 0.0, True), (0.0, 0.0, False)])
    assert metrics["loss"] == pytest.approx(6 / 4)
    assert metrics["loss_detection"] == pytest.approx(2 / 2)
    assert metrics["learning_rate"] == pytest.approx(0.1)


def test_an_epoch_without_samples_of_a_task_has_no_loss_of_it():
    first, second = reported([(3.0, 2.0, True)], [(1.0, 0.0, False)])
    assert first["loss_detection"] == 2
    assert "loss_detection" not in second
    assert second["loss"] == 1
