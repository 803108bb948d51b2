"""What the runs of an experiment came to."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import ttest_rel

from custom.experiments.definitions import Row
from custom.experiments.history import History, read_history
from custom.experiments.runs import Run
from custom.metrics import KEY_METRIC
from custom.tasks import DETECTION, SEGMENTATION

PERCENT = 100
TASK_METRICS = {DETECTION: "AP", SEGMENTATION: "J"}
ROUNDING = 1e-9


@dataclass(frozen=True)
class RunResult:
    """A finished run: metrics of the test split, and what training went through."""

    seed: int
    metrics: Mapping[str, float]
    history: History

    @property
    def training_seconds(self) -> float:
        """Time in training steps."""
        return self.history[-1]["seconds"]

    @property
    def best_validation(self) -> float:
        """Highest mean KPI on the validation split, in percent."""
        return max((kpi for kpi in self.validation if not math.isnan(kpi)), default=math.nan)

    @cached_property
    def validation(self) -> list[float]:
        """Mean KPI on the validation split after each epoch, in percent; NaN where it was not measured."""
        return [PERCENT * line.get(KEY_METRIC, math.nan) for line in self.history]


@dataclass(frozen=True)
class Spread:
    """Mean, standard deviation and number of the values that are not NaN."""

    mean: float
    deviation: float
    count: int


@dataclass(frozen=True)
class Difference:
    """A row against the reference on the seeds that both have: which metric, its spread, p of the paired t test."""

    metric: str
    spread: Spread
    p: float


@dataclass(frozen=True)
class RowResult:
    """The finished runs of a row."""

    row: Row
    runs: tuple[RunResult, ...]

    @property
    def metric(self) -> str:
        """What the row is compared by: the mean KPI, or a single task's metric."""
        return "mean_kpi" if len(self.row.tasks) > 1 else TASK_METRICS[self.row.tasks[0]]

    def values(self, metric: str) -> dict[int, float]:
        """A metric of the test split by seed; of a single task there is no mean KPI."""
        absent = metric == "mean_kpi" != self.metric
        return {run.seed: math.nan if absent else run.metrics[metric] for run in self.runs}

    def spread(self, metric: str) -> Spread:
        """Spread of a metric of the test split over seeds."""
        return spread(list(self.values(metric).values()))

    def reaches(self, run: RunResult, target: float) -> tuple[float, float]:
        """Seconds of training and iterations until a run's validation has a mean KPI of `target` percent.

        NaN where it never has, or where there is no mean KPI.
        """
        for line, kpi in zip(run.history, run.validation, strict=True):
            if kpi >= target and self.metric == "mean_kpi":
                return line["seconds"], line["iteration"]
        return math.nan, math.nan

    def difference(self, reference: RowResult) -> Difference:
        """Compare with another row, on the seeds for which both have the metric."""
        ours, theirs = self.values(self.metric), reference.values(self.metric)
        pairs = np.array([[ours[seed], theirs[seed]] for seed in ours if seed in theirs]).reshape(-1, 2)
        pairs = pairs[~np.isnan(pairs).any(axis=1)]
        differences = pairs[:, 0] - pairs[:, 1]
        # The test is undefined for one pair, and for differences that are all the same, but for rounding.
        comparable = len(pairs) > 1 and np.ptp(differences) > ROUNDING
        p = float(ttest_rel(pairs[:, 0], pairs[:, 1]).pvalue) if comparable else math.nan
        return Difference(self.metric, spread(differences.tolist()), p)


def spread(values: Sequence[float]) -> Spread:
    """Sum values up; the deviation is that of a sample (n - 1), NaN for fewer than two."""
    defined = [value for value in values if not math.isnan(value)]
    mean = float(np.mean(defined)) if defined else math.nan
    deviation = float(np.std(defined, ddof=1)) if len(defined) > 1 else math.nan
    return Spread(mean, deviation, len(defined))


def read_results(runs: Sequence[Run]) -> list[RowResult]:
    """Read the finished ones among `runs`, row by row; rows without one are left out."""
    rows = {run.row.name: run.row for run in runs if run.finished}
    return [
        RowResult(row, tuple(_read_run(run) for run in runs if run.row.name == name and run.finished))
        for name, row in rows.items()
    ]


def _read_run(run: Run) -> RunResult:
    metrics = json.loads(run.metrics_path.read_text())["metrics"]
    scaled = {name: PERCENT * _number(metrics[name]) for name in ("AP", "J", "mean_kpi")}
    costs = {name: _number(metrics.get(name)) for name in ("seconds_per_frame", "million_parameters")}
    return RunResult(run.seed, scaled | costs, read_history(run.history_path))


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def common_target(results: Sequence[RowResult]) -> float:
    """The highest mean KPI on the validation split, in percent, that every run of both tasks reached.

    Runs in which it was never defined are left out.
    """
    best = [run.best_validation for result in results if result.metric == "mean_kpi" for run in result.runs]
    return min((kpi for kpi in best if not math.isnan(kpi)), default=math.nan)
