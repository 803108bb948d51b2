"""Training runs in MLflow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from mlflow.entities import RunStatus
from monai.handlers import MLFlowHandler


class CatheterMLFlowHandler(MLFlowHandler):
    """MONAI's handler with the project's needs: finite metrics only, a FAILED run when training raised, late artifacts.

    Args:
        artifacts: files or folders that are uploaded when the run ends, those that exist by then.
        **kwargs: see `monai.handlers.MLFlowHandler`.
    """

    def __init__(self, artifacts: str | Sequence[str] | None = None, **kwargs: Any) -> None:
        super().__init__(artifacts=artifacts, **kwargs)

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer or an evaluator."""
        super().attach(engine)
        if self.close_on_complete:
            engine.add_event_handler(Events.EXCEPTION_RAISED, self.fail)

    def fail(self, engine: Engine, error: BaseException) -> None:
        """End the run as FAILED, or KILLED when the user stopped it, and let the error go on."""
        if self.cur_run:
            status = RunStatus.KILLED if isinstance(error, KeyboardInterrupt) else RunStatus.FAILED
            self.client.set_tag(self.cur_run.info.run_id, "error", f"{type(error).__name__}: {error}"[:500])
            self.client.set_terminated(self.cur_run.info.run_id, RunStatus.to_string(status))
        raise error

    def _default_iteration_log(self, engine: Engine) -> None:
        output = engine.state.output
        if isinstance(output, dict) and isinstance(output.get("loss"), torch.Tensor):
            self._log_metrics({"iteration_loss": float(output["loss"])}, step=engine.state.iteration)

    def _log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        super()._log_metrics({k: v for k, v in metrics.items() if math.isfinite(v)}, step)

    def _parse_artifacts(self) -> list[str]:
        return [path for path in super()._parse_artifacts() if Path(path).is_file()]
