"""One training and its evaluation: its folder, its commands, and whether it is done."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custom.config_text import plain_text
from custom.experiments.definitions import Row
from custom.experiments.history import read_history
from custom.experiments.run_settings import refuse_other_settings, with_contents
from custom.files import write_text
from custom.workflow.checkpoints import last_checkpoint
from custom.workflow.environment import bundle_root, mlflow_store
from custom.workflow.evaluation_report import METRICS_FILE

CONFIGS = Path(bundle_root()) / "configs"
MLFLOW_EXPERIMENT = "comparison"


@dataclass(frozen=True)
class Run:
    """A row with one seed; experiments that share a row share its runs.

    Args:
        row: the strategy.
        seed: of every random choice.
        output: folder of the comparison.
        datalist: the data.
        config_files: of training, in order.
        config: the settings in them that make a run comparable with others.
        values: by id, what overrides them; `max_epochs` is among them.
    """

    row: Row
    seed: int
    output: Path
    datalist: Path
    config_files: tuple[str, ...]
    config: Mapping[str, Any]
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name in messages and in MLflow."""
        return f"{self.row.name}/seed_{self.seed}"

    @property
    def folder(self) -> Path:
        """Where training writes."""
        return self.output / "runs" / self.name

    @property
    def evaluating_folder(self) -> Path:
        """Where the evaluation on the test split writes, until it is complete and tracked."""
        return self.folder / "evaluation.unfinished"

    @property
    def metrics_path(self) -> Path:
        """What the evaluation found, once the run is finished."""
        return self.folder / "evaluation" / METRICS_FILE

    @property
    def history_path(self) -> Path:
        """What training writes after each epoch."""
        return self.folder / "history.csv"

    @property
    def kpis_path(self) -> Path:
        """What `KpiRecorder` writes, in rows that have it."""
        return self.folder / "kpis.npz"

    @property
    def finished(self) -> bool:
        """Trained, evaluated and tracked."""
        return self.metrics_path.is_file()

    def finish(self) -> None:
        """Put the evaluation in its place, which makes the run a finished one."""
        shutil.rmtree(self.metrics_path.parent, ignore_errors=True)
        self.evaluating_folder.rename(self.metrics_path.parent)

    @property
    def epochs_done(self) -> int:
        """Epochs trained so far."""
        return len(read_history(self.history_path)) if self.history_path.is_file() else 0

    @property
    def tracking_uri(self) -> str:
        """The MLflow store of the comparison."""
        return mlflow_store(self.output)

    def training_command(self) -> list[str]:
        """The bundle's own command; it goes on where there is a checkpoint."""
        tracking = {
            "tracking": CONFIGS / "tracking.yaml",
            "tracking_uri": self.tracking_uri,
            "experiment_name": MLFLOW_EXPERIMENT,
            "run_name": self.name,
        }
        resume = {"resume": last_checkpoint(self.folder).is_file()}
        return _command("training", self.config_files, self._all_values() | resume | tracking)

    def evaluating_command(self) -> list[str]:
        """Evaluate the best weights on the test split."""
        weights = self.folder / "model.pt"  # not those that training started from
        values = self._all_values() | {"weights": weights, "report_dir": self.evaluating_folder}
        return _command("evaluating", (*self.config_files, str(CONFIGS / "evaluate.yaml")), values)

    def check_settings(self) -> None:
        """Compare what is in the folder with what this run would put there.

        Raises:
            InputError: where a run with other settings, or with unknown ones, or on other data, is there.
        """
        if self._settings_path.is_file():
            noted = json.loads(self._settings_path.read_text())
            refuse_other_settings(noted, self._settings(), compared=self.config, folder=self.folder)

    def write_settings(self) -> None:
        """Note in the folder what the run is made of."""
        write_text(self._settings_path, json.dumps(self._settings(), indent=2) + "\n")

    @property
    def _settings_path(self) -> Path:
        return self.folder / "settings.json"

    def _settings(self) -> dict[str, Any]:
        values = {**self.config, **self._all_values()}
        del values["output_dir"]
        return with_contents(values)

    def _all_values(self) -> dict[str, Any]:
        return {"datalist": self.datalist, "output_dir": self.folder, "seed": self.seed, **self.values}


def _typed(value: Any) -> str:
    return str(plain_text(str(value)) if isinstance(value, Path) else value)


def _command(run_id: str, config_files: Iterable[str], values: Mapping[str, Any]) -> list[str]:
    options = [part for name, value in values.items() for part in (f"--{name}", _typed(value))]
    files = ["--config_file", str(list(config_files))]
    return [sys.executable, "-m", "monai.bundle", "run", run_id, *files, *options]
