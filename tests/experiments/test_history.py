from __future__ import annotations

import math
import time

import pytest
from ignite.engine import Engine, Events

from custom.experiments import TrainingHistory, read_history


def train(path, epochs, *, start=0, step_seconds=0.0, validation_seconds=0.0):
    """Two iterations an epoch; every second epoch is validated."""
    trainer = Engine(lambda engine, batch: time.sleep(step_seconds))
    evaluator = Engine(lambda engine, batch: time.sleep(validation_seconds))

    @trainer.on(Events.EPOCH_COMPLETED)
    def report(engine):
        engine.state.metrics["loss"] = 1 / engine.state.epoch
        if engine.state.epoch % 2 == 0:
            evaluator.state.max_epochs = None
            evaluator.run([0])
            evaluator.state.epoch = engine.state.epoch
            evaluator.state.metrics["val_mean_kpi"] = engine.state.epoch / 10

    TrainingHistory(path, evaluator=evaluator).attach(trainer)
    if start:
        trainer.load_state_dict({"epoch": start, "epoch_length": 2, "max_epochs": epochs})
        trainer.run([0, 1])
    else:
        trainer.run([0, 1], max_epochs=epochs)


def test_a_line_for_each_epoch_with_validation_where_it_ran(tmp_path):
    train(tmp_path / "history.csv", 4)
    history = read_history(tmp_path / "history.csv")
    assert [line["epoch"] for line in history] == [1, 2, 3, 4]
    assert [line["iteration"] for line in history] == [2, 4, 6, 8]
    assert [line["loss"] for line in history] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    kpis = [line["val_mean_kpi"] for line in history]
    assert math.isnan(kpis[0])
    assert math.isnan(kpis[2])
    assert (kpis[1], kpis[3]) == (0.2, 0.4)


def test_seconds_are_those_of_training_alone_and_add_up(tmp_path):
    train(tmp_path / "history.csv", 2, step_seconds=0.01, validation_seconds=0.5)
    seconds = [line["seconds"] for line in read_history(tmp_path / "history.csv")]
    assert 0.02 <= seconds[0] < seconds[1]
    assert 0.04 <= seconds[1] < 0.4


def test_a_resumed_run_goes_on_in_the_file(tmp_path):
    path = tmp_path / "history.csv"
    train(path, 3)
    before = read_history(path)
    train(path, 4, start=2)
    history = read_history(path)
    assert [line["epoch"] for line in history] == [1, 2, 3, 4]
    assert history[1] == pytest.approx(before[1])
    assert history[2]["seconds"] > history[1]["seconds"]


def test_a_new_run_starts_the_file_anew(tmp_path):
    train(tmp_path / "history.csv", 3)
    train(tmp_path / "history.csv", 1)
    assert len(read_history(tmp_path / "history.csv")) == 1


def test_a_number_is_written_alike_before_and_after_a_resume(tmp_path):
    path = tmp_path / "history.csv"
    train(path, 3)
    before = path.read_text().splitlines()
    train(path, 4, start=3)
    assert path.read_text().splitlines()[:4] == before
