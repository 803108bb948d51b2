import os
import signal

import pytest
from ignite.engine import Engine, Events
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import OperationalError

from custom.errors import InputError
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
