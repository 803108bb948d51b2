import json
from pathlib import Path
from types import SimpleNamespace

from mlflow.tracking import MlflowClient

from custom.experiments.runs import MLFLOW_EXPERIMENT
from custom.experiments.tracking import track_test_metrics


def tracked(folder: Path, status: str) -> tuple[MlflowClient, str]:
    """A run of a store that ended with a status, and was evaluated since."""
    store = f"sqlite:///{folder / 'mlruns.db'}"
    client = MlflowClient(store)
    experiment = client.create_experiment(MLFLOW_EXPERIMENT)
    identifier = client.create_run(experiment, run_name="ours/seed_0").info.run_id
    client.set_terminated(identifier, status)
    (folder / "metrics.json").write_text(json.dumps({"metrics": {"J": 0.5, "AP": None}}))
    track_test_metrics(SimpleNamespace(name="ours/seed_0", tracking_uri=store, evaluating_folder=folder))
    return client, identifier


def test_metrics_that_there_are_get_into_the_run(tmp_path):
    client, identifier = tracked(tmp_path, "FINISHED")
    assert client.get_run(identifier).data.metrics == {"test_J": 0.5}


def test_a_run_that_was_stopped_after_its_last_epoch_is_finished_once_it_is_evaluated(tmp_path):
    client, identifier = tracked(tmp_path, "KILLED")
    assert client.get_run(identifier).info.status == "FINISHED"
