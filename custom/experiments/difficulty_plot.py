"""The difficulty of single samples over training (paper, Figure 3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import ScalarFormatter

from custom.experiments.plots import COLOURS, REFERENCE_COLOUR, figure
from custom.tasks import TASKS

SAMPLES = {"easy": (0.1, ":"), "medium": (0.5, "--"), "hard": (0.9, "-")}
Record = dict[str, np.ndarray]


def plot_difficulty(path: Path, records: Sequence[tuple[str, Path]]) -> None:
    """Draw an easy, a medium and a hard sample with the threshold of TopK: a column a run, a row a task.

    The samples are the same in all runs: those at the 10th, 50th and 90th percentile of the difficulty in the last run,
    averaged over training.

    Args:
        path: the PNG file.
        records: title and file of `KpiRecorder`, of each run.
    """
    loaded = [(title, _load(file)) for title, file in records]
    rows, columns = len(TASKS), len(loaded)
    with figure(path, rows, columns, width=4.6 * columns, height=3.2 * rows, sharey="row") as (drawn, axes):
        for task, name in enumerate(TASKS):
            chosen = _samples(loaded[-1][1]["difficulty"][:, :, task])
            for axis, (title, record) in zip(axes[task], loaded, strict=True):
                _draw(axis, record, task, chosen)
                axis.set_title(f"{title}: {name}", fontsize=10)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)


def _draw(axis: Axes, record: Record, task: int, chosen: dict[str, int]) -> None:
    for (label, sample), colour in zip(chosen.items(), COLOURS, strict=False):
        difficulty = record["difficulty"][:, sample, task]
        style = SAMPLES[label][1]
        axis.plot(record["iteration"], difficulty, style, color=colour, linewidth=1.6, label=f"{label} sample")
    # The threshold holds from the start of an epoch, the end of the one before, to its own end.
    ends = np.concatenate([[0], record["iteration"]])
    threshold = record["threshold"][[*range(len(record["threshold"])), -1], task]
    axis.step(ends, threshold, where="post", color=REFERENCE_COLOUR, linewidth=1, label="threshold of TopK")
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(ScalarFormatter())
    axis.set_xlabel("iterations")
    axis.set_ylabel("difficulty (1 / KPI)")


def _load(file: Path) -> Record:
    with np.load(file) as stored:
        return {name: np.where(np.isinf(stored[name]), np.nan, stored[name]) for name in stored}


def _samples(difficulty: np.ndarray) -> dict[str, int]:
    seen = np.flatnonzero(~np.isnan(difficulty).all(axis=0))
    if not len(seen):  # a task that is left out
        return {}
    order = seen[np.argsort(np.nanmean(difficulty[:, seen], axis=0), kind="stable")]
    return {label: int(order[round(share * (len(order) - 1))]) for label, (share, _) in SAMPLES.items()}
