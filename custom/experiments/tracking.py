"""What the evaluation found, in the MLflow run of its training."""

from __future__ import annotations

import json

from mlflow.entities import RunStatus
from mlflow.tracking import MlflowClient

from custom.experiments.runs import MLFLOW_EXPERIMENT, Run
from custom.workflow.evaluation_report import METRICS_FILE

FINISHED = RunStatus.to_string(RunStatus.FINISHED)


def track_test_metrics(run: Run) -> None:
    """Log the metrics of the test split, `test_AP` and so on, to the MLflow run with the run's name, and end that."""
    client = MlflowClient(run.tracking_uri)
    experiment = client.get_experiment_by_name(MLFLOW_EXPERIMENT)
    name = f"attributes.run_name = '{run.name}'"
    metrics = json.loads((run.evaluating_folder / METRICS_FILE).read_text())["metrics"]
    for tracked in client.search_runs([experiment.experiment_id], filter_string=name, max_results=1):
        for metric, value in metrics.items():
            if value is not None:
                client.log_metric(tracked.info.run_id, f"test_{metric}", value)
        if tracked.info.status != FINISHED:  # it was stopped after its last epoch, and nothing was left to train
            client.set_terminated(tracked.info.run_id, FINISHED)
