"""Training runs in MLflow."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import torch
from ignite.engine import Engine, Events
from mlflow.entities import RunStatus
from mlflow.exceptions import MlflowException
from monai.handlers import MLFlowHandler
from monai.utils import ensure_tuple, path_to_uri
from sqlalchemy.exc import SQLAlchemyError

from custom.errors import InputError
from custom.workflow.run_identity import describe

SQLITE = "sqlite:///"
ERROR_TAG = "error"
MOST_PARAMETERS = 100  # that MLflow takes at once
# MLflow's own let a wrong address wait for minutes. Once a server has answered, its patience saves the training.
FIRST_ANSWER = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


class CatheterMLFlowHandler(MLFlowHandler):
    """MONAI's handler with the project's needs: finite metrics only, a FAILED run when training raised, late artifacts.

    Args:
        artifacts: files, folders or patterns (the newest match counts) that are uploaded when the run ends, however it
            does, those that exist by then.
        tracking_uri: the store; `MLFLOW_TRACKING_URI` in the environment comes first.
        settings: become the run's parameters: plain values, components by their class, and the plain values of these.
        **kwargs: see `monai.handlers.MLFlowHandler`.

    Raises:
        InputError: where MLflow cannot use the store.
    """

    cur_run: Any

    def __init__(
        self,
        artifacts: str | Sequence[str] | None = None,
        *,
        tracking_uri: str | None = None,
        settings: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.store = os.environ.get("MLFLOW_TRACKING_URI") or tracking_uri
        if self.store and self.store.startswith(SQLITE):
            database = Path(unquote(self.store.removeprefix(SQLITE)))  # MONAI would name folders `My%20data`
            kwargs.setdefault("artifact_location", path_to_uri(database.parent / "mlruns"))
        with _usable(self.store):
            super().__init__(artifacts=artifacts, tracking_uri=tracking_uri, **kwargs)
        self.artifact_patterns = [pattern for pattern in ensure_tuple(artifacts) if pattern]
        described = describe(settings or {})
        self.settings = {name: text for name, text in described.items() if name.count(".") <= 1}

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer or an evaluator."""
        super().attach(engine)
        if self.close_on_complete:
            engine.add_event_handler(Events.EXCEPTION_RAISED, self.fail)

    def start(self, engine: Engine) -> None:
        """Open the run in the store.

        Raises:
            InputError: where the store does not answer within about a minute, or refuses the run, or has an unfinished
                one of this name with other settings.
        """
        with _usable(self.store), _waiting_briefly():
            super().start(engine)
            self._take_up()

    def fail(self, engine: Engine, error: BaseException) -> None:
        """End the run as FAILED, or KILLED when the user stopped it, and let the error go on."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # torchrun ends the others as soon as one process fails
        if self.cur_run:
            status = RunStatus.KILLED if isinstance(error, KeyboardInterrupt) else RunStatus.FAILED
            with suppress(Exception):  # a store that failed, too, must not hide what ended the training
                self.client.set_tag(self.cur_run.info.run_id, ERROR_TAG, f"{type(error).__name__}: {error}"[:500])
                self.client.set_terminated(self.cur_run.info.run_id, RunStatus.to_string(status))
                self.complete()
        raise error

    def complete(self) -> None:
        """Upload the artifacts.

        Raises:
            InputError: where the store does not take them.
        """
        with _usable(self.store):
            super().complete()

    def close(self) -> None:
        """Close the run.

        Raises:
            InputError: where the store does not answer.
        """
        with _usable(self.store):
            super().close()

    def _take_up(self) -> None:
        """Log the settings of the run; one that had failed before is running again."""
        run = self.client.get_run(self.cur_run.info.run_id)
        for name, text in self.settings.items():
            if run.data.params.get(name, text) != text:
                self.cur_run = None  # which is not this one's to end
                raise InputError(
                    f"an unfinished MLflow run named {self.run_name} has other settings",
                    field="run_name",
                    found=f"{name}: {run.data.params[name]}",
                    expected=f"{name}: {text}",
                    remedy="Choose another name, or delete that run",
                )
        settings = list(self.settings.items())
        for first in range(0, len(settings), MOST_PARAMETERS):
            self._log_params(dict(settings[first : first + MOST_PARAMETERS]))
        if ERROR_TAG in run.data.tags:
            self.client.delete_tag(run.info.run_id, ERROR_TAG)
            self.client.update_run(run.info.run_id, RunStatus.to_string(RunStatus.RUNNING))

    def _default_iteration_log(self, engine: Engine) -> None:
        output = engine.state.output
        if isinstance(output, dict) and isinstance(output.get("loss"), torch.Tensor):
            self._log_metrics({"iteration_loss": float(output["loss"].detach())}, step=engine.state.iteration)

    def _log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        with _usable(self.store):
            super()._log_metrics({k: v for k, v in metrics.items() if math.isfinite(v)}, step)

    def _parse_artifacts(self) -> list[str]:
        newest = [Path(_newest(pattern)) for pattern in self.artifact_patterns]
        files = [file for path in newest for file in (path.rglob("*") if path.is_dir() else [path])]
        return [str(file) for file in files if file.is_file()]


@contextmanager
def _waiting_briefly() -> Iterator[None]:
    """Bound the wait for a server; what the user has set stays."""
    added = {name: value for name, value in FIRST_ANSWER.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


@contextmanager
def _usable(store: str | None) -> Iterator[None]:
    try:
        yield
    except (MlflowException, SQLAlchemyError, ValueError) as error:
        raise InputError(
            f"MLflow cannot use this store ({str(error).strip().splitlines()[0]})",
            field="tracking_uri",
            found=store,
            expected="sqlite:///FILE, or http://HOST:PORT of a server that runs",
            remedy="Name another one, also in MLFLOW_TRACKING_URI where that is set, or train without tracking",
        ) from error


def _newest(pattern: str) -> str:
    folder, name = Path(pattern).parent, Path(pattern).name
    matches = map(str, folder.glob(name))  # the folder may have brackets in its name
    return max(matches, key=lambda path: Path(path).stat().st_mtime, default=pattern)
