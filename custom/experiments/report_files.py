"""All files of an experiment's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.experiments.definitions import Experiment
from custom.experiments.difficulty_plot import plot_difficulty
from custom.experiments.plots import Looks, choose_looks, plot_accuracy, plot_convergence, plot_training
from custom.experiments.report import run_rows, summary_rows, write_markdown
from custom.experiments.results import RowResult, common_target, read_results
from custom.experiments.runs import Run
from custom.tables import write_csv


def write_report(
    folder: Path, experiment: Experiment, runs: Sequence[Run], *, target: float | None, settings: Mapping[str, Any]
) -> list[Path]:
    """Write report.md, rows.csv, runs.csv and plots about the runs that are finished.

    Args:
        folder: of the report.
        experiment: what the runs belong to.
        runs: that are wanted, finished or not.
        target: mean KPI in percent that times lead to; by default the highest that every run reached.
        settings: what all runs share, as the report says it.

    Returns:
        What was written; nothing where no run is finished.
    """
    results = read_results(runs)
    if not results:
        return []
    target = common_target(results) if target is None else target
    reference = next((result for result in results if result.row.name == experiment.reference), None)
    rows = summary_rows(results, reference, target)
    pictures = _plot(folder, results, choose_looks(results, experiment.reference), target)
    pictures += _plot_difficulty(folder, runs)
    tables = {folder / "rows.csv": rows, folder / "runs.csv": run_rows(results, target)}
    for path, table in tables.items():
        write_csv(path, table)
    write_markdown(
        folder / "report.md",
        experiment,
        rows,
        target=target,
        settings=settings,
        pictures=pictures,
        missing=[run.name for run in runs if not run.finished],
    )
    return [folder / "report.md", *tables, *pictures]


def _plot(folder: Path, results: Sequence[RowResult], looks: Looks, target: float) -> list[Path]:
    pictures = [folder / "accuracy.png", folder / "training.png"]
    plot_accuracy(pictures[0], results, looks)
    plot_training(pictures[1], results, looks)
    both_tasks = [result for result in results if result.metric == "mean_kpi"]
    if both_tasks:
        pictures.append(folder / "convergence.png")
        plot_convergence(pictures[-1], both_tasks, looks, target)
    return pictures


def _plot_difficulty(folder: Path, runs: Sequence[Run]) -> list[Path]:
    first: dict[str, tuple[str, Path]] = {}
    for run in runs:
        if run.finished and run.kpis_path.is_file():
            first.setdefault(run.row.name, (run.row.title, run.kpis_path))
    if not first:
        return []
    plot_difficulty(folder / "difficulty.png", list(first.values()))
    return [folder / "difficulty.png"]
