import os
import signal
from contextlib import nullcontext

import pytest
from ignite.engine import Engine, Events
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import OperationalError

from custom.errors import InputError
from custom.prioritization import InverseKpi
from custom.workflow import CatheterMLFlowHandler, mlflow_store


@pytest.fixture(autouse=True)
def _settings(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.mark.parametrize("store", ["file:/tmp/runs", "nosuch://host"])
def test_a_store_that_mlflow_does_not_know_is_named(store):
    with pytest.raises(
        InputError, match=rf"tracking_uri: MLflow cannot use this store \(.*found '{store}'; expected sql"
    ):
        CatheterMLFlowHandler(tracking_uri=store)


def test_a_server_that_does_not_answer_is_named():
    handler = CatheterMLFlowHandler(tracking_uri="http://127.0.0.1:9", experiment_name="catheter", run_name="one")
    with pytest.raises(InputError, match=r"tracking_uri: MLflow cannot use this store .*found 'http://127.0.0.1:9'"):
        handler.start(Engine(lambda engine, batch: None))


def waits_at_start(monkeypatch):
    """Start a run and give the settings of MLflow's requests that it was started with."""
    seen = {}
    handler = CatheterMLFlowHandler(tracking_uri="http://127.0.0.1:9", experiment_name="catheter", run_name="one")
    monkeypatch.setattr(handler, "_set_experiment", lambda: seen.update(os.environ))
    with pytest.raises(InputError):
        handler.start(Engine(lambda engine, batch: None))
    return [seen[name] for name in ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT")]


def test_the_first_answer_is_not_waited_for_long_unless_the_user_wants_it(monkeypatch):
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES")
    assert waits_at_start(monkeypatch) == ["2", "20"]
    assert "MLFLOW_HTTP_REQUEST_MAX_RETRIES" not in os.environ
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "300")
    assert waits_at_start(monkeypatch) == ["2", "300"]


def test_the_environment_comes_first(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    handler = CatheterMLFlowHandler(tracking_uri="sqlite:///runs.db", experiment_name="catheter", run_name="one")
    with pytest.raises(InputError, match=r"found 'http://127.0.0.1:9'"):
        handler.start(Engine(lambda engine, batch: None))


def tracked(folder, *, settings=None, artifacts=None, error=None):
    """Track a run named `one`, which `error` ends; give it as the store has it while it runs, and afterwards."""
    handler = CatheterMLFlowHandler(
        artifacts,
        tracking_uri=f"sqlite:///{folder}/runs.db",
        run_name="one",
        close_on_complete=True,
        settings=settings,
    )
    engine, seen = Engine(lambda engine, batch: None), []
    handler.attach(engine)

    @engine.on(Events.ITERATION_COMPLETED)
    def look(engine):
        seen.append(handler.client.get_run(handler.cur_run.info.run_id))
        if error is not None:
            raise error

    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(type(error)) if error is not None else nullcontext():
            engine.run(range(1))
    finally:
        signal.signal(signal.SIGTERM, before)
    return seen[0], handler.client.get_run(seen[0].info.run_id)


def test_a_run_has_its_settings_to_search_for(tmp_path):
    settings = {"seed": 3, "image_size": [64, 96], "weighting": InverseKpi(detection=0.1), "kpis": {"a": {"b": 1}}}
    _, run = tracked(tmp_path, settings=settings)
    found = {"weighting": "InverseKpi", "weighting.minimum": "0.05", "weighting.scales": "[0.1, 1.0]"}
    expected = {"seed": "3", "image_size": "[64, 96]", **found, "kpis": "dict", "kpis.a": "dict"}
    assert {name: run.data.params.get(name) for name in expected} == expected
    assert "kpis.a.b" not in run.data.params


def test_many_settings_are_taken(tmp_path):
    settings = {f"setting {number}": number for number in range(250)}
    _, run = tracked(tmp_path, settings=settings)
    assert run.data.params["setting 249"] == "249"


def test_a_run_that_failed_keeps_what_there_is_of_it(tmp_path):
    config = tmp_path / "config_1.json"
    config.write_text("{}")
    _, run = tracked(tmp_path, artifacts=[str(tmp_path / "config_*.json"), "gone.png"], error=ValueError("no number"))
    assert run.info.status == "FAILED"
    assert run.data.tags["error"] == "ValueError: no number"
    assert [path.name for path in tmp_path.glob("mlruns/*/artifacts/*")] == ["config_1.json"]


def test_a_run_that_goes_on_has_failed_no_longer(tmp_path):
    _, failed = tracked(tmp_path, error=ValueError("no number"))
    during, after = tracked(tmp_path)
    assert during.info.run_id == failed.info.run_id
    assert [run.info.status for run in (failed, during, after)] == ["FAILED", "RUNNING", "FINISHED"]
    assert "error" not in during.data.tags


def test_a_run_is_not_mixed_with_an_unfinished_one_of_other_settings(tmp_path):
    tracked(tmp_path, settings={"seed": 1}, error=ValueError("no number"))
    message = r"run_name: an unfinished MLflow run named one .*; found 'seed: 1'; expected seed: 2\."
    with pytest.raises(InputError, match=message):
        tracked(tmp_path, settings={"seed": 2})
    _, run = tracked(tmp_path, settings={"seed": 1})
    assert run.info.status == "FINISHED"


def test_a_run_of_the_same_name_that_another_process_trains_is_left_alone(tmp_path):
    client = MlflowClient(f"sqlite:///{tmp_path}/runs.db")
    running = client.create_run(client.create_experiment("monai_experiment"), run_name="one").info.run_id
    client.log_param(running, "seed", "1")
    with pytest.raises(InputError, match="other settings"):
        tracked(tmp_path, settings={"seed": 2})
    run = client.get_run(running)
    assert run.info.status == "RUNNING"
    assert "error" not in run.data.tags


def broken(*args, **kwargs):
    raise MlflowException("the server went away")


@pytest.fixture
def started(tmp_path):
    handler = CatheterMLFlowHandler(
        tracking_uri=f"sqlite:///{tmp_path}/runs.db", run_name="one", close_on_complete=True, artifacts=__file__
    )
    engine = Engine(lambda engine, batch: {})
    handler.attach(engine)
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: engine.state.metrics.update(loss=1.0))
    before = signal.getsignal(signal.SIGTERM)
    yield handler, engine
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("call", ["log_batch", "log_artifact", "set_terminated"])
def test_a_server_that_goes_away_later_is_named(started, monkeypatch, call):
    handler, engine = started
    engine.add_event_handler(Events.EPOCH_STARTED, lambda engine: monkeypatch.setattr(handler.client, call, broken))
    with pytest.raises(InputError, match=r"MLflow cannot use this store \(the server went away\)"):
        engine.run(range(1))


def test_a_store_on_a_full_disk_is_named(monkeypatch):
    def full(*args, **kwargs):
        raise OperationalError("CREATE TABLE", {}, Exception("database or disk is full"))

    monkeypatch.setattr("mlflow.MlflowClient", full)
    with pytest.raises(InputError, match=r"MLflow cannot use this store .*disk is full"):
        CatheterMLFlowHandler(tracking_uri="sqlite:///runs.db")


def test_what_ended_training_is_told_where_the_store_fails_too(started, monkeypatch):
    handler, engine = started

    @engine.on(Events.ITERATION_COMPLETED)
    def stop(engine):
        monkeypatch.setattr(handler.client, "set_tag", broken)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.run(range(1))


@pytest.mark.parametrize("name", ["my data [ü]", "#1 100%?"])
def test_artifacts_lie_beside_the_store_in_a_folder_of_any_name(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    for config in ("config_1.json", "config_2.json"):
        (folder / config).write_text(config)
    patterns = str(folder / "config_*.json")
    handler = CatheterMLFlowHandler(
        patterns, tracking_uri=mlflow_store(folder), experiment_name="catheter", run_name="one"
    )
    engine = Engine(lambda engine, batch: None)
    handler.start(engine)
    handler.complete()
    assert [path.read_text() for path in folder.glob("mlruns/*/artifacts/*")] == ["config_2.json"]
    assert (folder / "mlruns.db").is_file()
    if name == "my data [ü]":
        assert [path.name for path in tmp_path.iterdir()] == [name]
