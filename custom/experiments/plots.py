"""Plots of an experiment, readable in print and without colour vision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from custom.experiments.results import PERCENT, RowResult
from custom.files import replacing
from custom.metrics import KEY_METRIC
from custom.tasks import TASKS
from custom.visualization.palette import BLUE, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, hexadecimal

COLOURS = tuple(map(hexadecimal, (BLUE, ORANGE, GREEN, VERMILION, SKY_BLUE, PURPLE)))  # black is the reference's
STYLES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))
REFERENCE_COLOUR = "#000000"
Looks = dict[str, tuple[str, Any]]
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}


@contextmanager
def figure(
    path: Path, rows: int, columns: int, *, width: float, height: float, sharey: Literal["none", "row"] = "none"
) -> Iterator[tuple[Figure, np.ndarray]]:
    """Give a figure and its (rows, columns) axes, sizes in inches; written as PNG when the block ends well."""
    with matplotlib.rc_context(STYLE):
        drawn = Figure(figsize=(width, height), layout="constrained")
        yield drawn, drawn.subplots(rows, columns, squeeze=False, sharey=sharey)
        with replacing(path) as temporary:
            drawn.savefig(temporary, dpi=150)


def choose_looks(results: Sequence[RowResult], reference: str) -> Looks:
    """Give each row a colour and a line style, the same in every plot; the reference is solid black."""
    names = [result.row.name for result in results if result.row.name != reference]
    return dict(zip(names, zip(cycle(COLOURS), cycle(STYLES), strict=False), strict=False)) | {
        reference: (REFERENCE_COLOUR, "-")
    }


def plot_accuracy(path: Path, results: Sequence[RowResult], looks: Looks) -> None:
    """Mean KPI, or a single task's metric, of each run on the test split, with mean and standard deviation."""
    with figure(path, 1, 1, width=6.5, height=1.2 + 0.32 * len(results)) as (_, axes):
        axis = axes[0, 0]
        for position, result in enumerate(results):
            colour, _ = looks[result.row.name]
            values, total = list(result.values(result.metric).values()), result.spread(result.metric)
            axis.plot(values, [position] * len(values), "o", color=colour, alpha=0.5, markersize=5)
            axis.errorbar(total.mean, position, xerr=np.nan_to_num(total.deviation), fmt="|", color=colour, capsize=3)
        labels = [
            result.row.title + ("" if result.metric == "mean_kpi" else f" ({result.metric})") for result in results
        ]
        axis.set_yticks(range(len(results)), labels)
        axis.invert_yaxis()
        axis.set_xlabel("mean KPI on the test split (%)\ndots: seeds; bars: mean ± standard deviation")


def plot_convergence(path: Path, results: Sequence[RowResult], looks: Looks, target: float) -> None:
    """Mean KPI on the validation split over time and over iterations, means over seeds."""
    across = {"seconds": "training time (s)", "iteration": "iterations"}
    with figure(path, 1, 2, width=9, height=4.2) as (drawn, axes):
        for axis, (column, label) in zip(axes.flat, across.items(), strict=True):
            _draw(axis, results, looks, column, KEY_METRIC, scale=PERCENT)
            axis.axhline(target, color="grey", linewidth=1, linestyle=(0, (1, 3)), label="target")
            axis.set_xlabel(label)
            axis.set_ylabel("mean KPI on the validation split (%)")
        _legend(drawn, axes[0, 0])


def plot_training(path: Path, results: Sequence[RowResult], looks: Looks) -> None:
    """Task weights, task KPIs and the share of samples kept, over epochs, means over seeds."""
    panels = {f"kpi_{task}": f"KPI of {task} in training" for task in TASKS}
    panels |= {f"weight_{task}": f"weight of {task}" for task in TASKS} | {"kept_share": "share of samples kept"}
    with figure(path, 2, 3, width=10, height=6) as (drawn, axes):
        for axis, (column, label) in zip(axes.flat, panels.items(), strict=False):
            _draw(axis, results, looks, "epoch", column)
            axis.set_xlabel("epoch")
            axis.set_ylabel(label)
        axes.flat[-1].axis("off")
        _legend(drawn, axes[0, 0])


def _draw(axis: Axes, results: Sequence[RowResult], looks: Looks, across: str, up: str, *, scale: float = 1.0) -> None:
    for result in results:
        colour, style = looks[result.row.name]
        x, y = (_mean_over_seeds(result, column) for column in (across, up))
        measured = ~np.isnan(y)
        marker = "o" if measured.sum() == 1 else None
        axis.plot(
            x[measured],
            scale * y[measured],
            linestyle=style,
            color=colour,
            marker=marker,
            linewidth=1.4,
            label=result.row.title,
        )


def _mean_over_seeds(result: RowResult, column: str) -> np.ndarray:
    shortest = min(len(run.history) for run in result.runs)
    return np.mean([[line.get(column, np.nan) for line in run.history[:shortest]] for run in result.runs], axis=0)


def _legend(drawn: Figure, axis: Axes) -> None:
    handles, labels = axis.get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
