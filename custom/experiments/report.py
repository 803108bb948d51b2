"""The report of an experiment: Markdown for people, CSV for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.experiments.definitions import Experiment
from custom.experiments.results import RowResult, Spread, spread
from custom.files import write_text
from custom.tables import markdown_table, number_cell

Cells = dict[str, Any]
ACCURACY = {"AP": "AP (%)", "J": "J (%)", "mean_kpi": "mean KPI (%)"}
PAPER = "paper*"
FEW_SEEDS = 3
SMALLEST_P = 0.001
FOOTNOTE = (
    "\\* The paper's figures, on its own clinical validation split and an RTX 6000: **other data, other hardware**."
)
NOTES = """\
AP, J and mean KPI are those of the test split: mean ± standard deviation over seeds (number of seeds). The difference
is that of the row to "{reference}", over the seeds that both have; p is that of a paired t test. Both are of the mean
KPI, or of the only metric that a single task has. Single tasks train the whole network, so that inference costs alike.
"""
TIME_NOTES = """\
Seconds a frame are from a frame in memory to the network's output, one at a time. Training counts training steps,
without validation."""
TARGET_NOTE = "The target is a mean KPI of {target:.1f} % on the validation split; (n) is how many runs reached it."


def summary_rows(results: Sequence[RowResult], reference: RowResult | None, target: float) -> list[Cells]:
    """One flat dictionary of numbers a row; NaN where there is none, percent where accuracy is meant."""
    return [_summary(result, reference, target) for result in results]


def run_rows(results: Sequence[RowResult], target: float) -> list[Cells]:
    """One flat dictionary of numbers a run."""
    rows = []
    for result in results:
        for run in result.runs:
            seconds, iterations = result.reaches(run, target)
            accuracy = {f"{metric}_percent": result.values(metric)[run.seed] for metric in ACCURACY}
            time = {"training_seconds": run.training_seconds, "seconds_per_frame": run.metrics["seconds_per_frame"]}
            reached = {"seconds_to_target": seconds, "iterations_to_target": iterations}
            rows.append({"row": result.row.name, "seed": run.seed, **accuracy, **time, **reached})
    return rows


def write_markdown(
    path: Path,
    experiment: Experiment,
    rows: Sequence[Cells],
    *,
    target: float,
    settings: Mapping[str, Any],
    pictures: Sequence[Path],
    missing: Sequence[str],
) -> None:
    """Write the report.

    Args:
        path: the Markdown file.
        experiment: what was compared.
        rows: from `summary_rows`.
        target: mean KPI in percent that the times lead to.
        settings: what all runs share.
        pictures: plots beside the file.
        missing: runs that are not finished.
    """
    reference = next(row.title for row in experiment.rows if row.name == experiment.reference)
    parts = [f"# {experiment.title}", experiment.description]
    parts.append("\n".join(f"- {name}: {value}" for name, value in settings.items()))
    if missing:
        parts.append(f"**Not finished, and not in the tables: {', '.join(missing)}.**")
    if any(row["seeds"] < FEW_SEEDS for row in rows):
        parts.append(f"**Fewer than {FEW_SEEDS} seeds: a difference says little.**")
    parts += ["## Accuracy", _markdown([_accuracy_cells(row) for row in rows])]
    if any(row.paper for row in experiment.rows):
        parts.append(FOOTNOTE)
    parts.append(NOTES.format(reference=reference).strip())
    parts += ["## Size and time", _markdown([_time_cells(row) for row in rows]), TIME_NOTES]
    if not math.isnan(target):
        parts.append(TARGET_NOTE.format(target=target))
    parts += [f"![{picture.stem.replace('_', ' ')}]({picture.name})" for picture in pictures]
    write_text(path, "\n\n".join(parts) + "\n")


def _summary(result: RowResult, reference: RowResult | None, target: float) -> Cells:
    cells: Cells = {"row": result.row.name, "title": result.row.title, "seeds": len(result.runs)}
    for metric in ACCURACY:
        cells |= _spread_cells(f"{metric}_percent", result.spread(metric))
        cells[f"paper_{metric}_percent"] = result.row.paper.get(metric, math.nan)
    if reference is None or result is reference:
        cells |= {"compared": "", **_spread_cells("difference", spread([])), "p": math.nan}
    else:
        difference = result.difference(reference)
        cells |= {"compared": difference.metric, **_spread_cells("difference", difference.spread), "p": difference.p}
    reached = [result.reaches(run, target) for run in result.runs]
    cells["million_parameters"] = result.spread("million_parameters").mean
    cells |= _spread_cells("seconds_per_frame", result.spread("seconds_per_frame"))
    cells["paper_seconds_per_frame"] = result.row.paper.get("seconds_per_frame", math.nan)
    cells |= _spread_cells("training_seconds", spread([run.training_seconds for run in result.runs]))
    cells |= _spread_cells("seconds_to_target", spread([seconds for seconds, _ in reached]))
    cells |= _spread_cells("iterations_to_target", spread([iterations for _, iterations in reached]))
    return cells | {"paper_hours": result.row.paper.get("hours", math.nan)}


def _spread_cells(name: str, values: Spread) -> Cells:
    return {name: values.mean, f"{name}_sd": values.deviation, f"{name}_n": values.count}


def _accuracy_cells(row: Cells) -> Cells:
    cells = {"row": row["title"]}
    for metric, heading in ACCURACY.items():
        cells[heading] = _with_spread(row, f"{metric}_percent", ".1f")
        cells[f"{PAPER} {metric.replace('_kpi', '')}"] = number_cell(row[f"paper_{metric}_percent"], ".2f")
    difference = _with_spread(row, "difference", "+.1f")
    compared = f" {row['compared']}" if row["compared"] not in ("", "mean_kpi") else ""
    return cells | {
        "difference": difference + compared,
        "p": f"< {SMALLEST_P}" if row["p"] < SMALLEST_P else number_cell(row["p"], ".3f"),
    }


def _time_cells(row: Cells) -> Cells:
    return {
        "row": row["title"],
        "parameters (million)": number_cell(row["million_parameters"], ".1f"),
        "seconds a frame": _with_spread(row, "seconds_per_frame", ".3f"),
        f"{PAPER} s a frame": number_cell(row["paper_seconds_per_frame"], ".3f"),
        "training (s)": _with_spread(row, "training_seconds", ".0f"),
        "seconds to target": _with_spread(row, "seconds_to_target", ".0f"),
        "iterations to target": _with_spread(row, "iterations_to_target", ".0f"),
        f"{PAPER} hours to convergence": number_cell(row["paper_hours"], ".1f"),
    }


def _with_spread(row: Cells, name: str, form: str) -> str:
    mean, deviation, count = row[name], row[f"{name}_sd"], row[f"{name}_n"]
    if not count:
        return ""
    plain = form.lstrip("+")
    return f"{mean:{form}} ± {deviation:{plain}} ({count})" if count > 1 else f"{mean:{form}} (1)"


def _markdown(rows: Sequence[Cells]) -> str:
    """A table without the columns that are empty throughout."""
    headings = [heading for heading in rows[0] if any(row[heading] for row in rows)]
    return markdown_table(headings, [[row[heading] for heading in headings] for row in rows])
