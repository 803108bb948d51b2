"""Finished runs with numbers that a test chooses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from custom.experiments.definitions import Row
from custom.experiments.runs import Run


def write_run(
    row: Row, seed: int, output: Path, *, ap: float | None, j: float | None, history: list[dict], **metrics: float
) -> Run:
    """Write a run whose test metrics are `ap` and `j` (fractions), half a second a frame, and return it."""
    run = Run(row, seed, output, output / "datalist.json", (), {}, {"max_epochs": len(history)})
    defined = [value for value in (ap, j) if value is not None]
    content = {"AP": ap, "J": j, "mean_kpi": sum(defined) / len(defined), "seconds_per_frame": 0.5, **metrics}
    run.metrics_path.parent.mkdir(parents=True)
    run.metrics_path.write_text(json.dumps({"metrics": content}))
    with run.history_path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(history[0]))
        writer.writeheader()
        writer.writerows(history)
    return run


def history_of(kpis: list[float], *, seconds: float = 10.0, iterations: int = 4) -> list[dict]:
    """Epochs of equal length that ended with these validation KPIs."""
    return [
        {"epoch": epoch, "iteration": epoch * iterations, "seconds": epoch * seconds, "val_mean_kpi": kpi}
        for epoch, kpi in enumerate(kpis, start=1)
    ]


def write_kpis(path: Path, *, epochs: int = 30, samples: int = 60, seed: int = 0, noise: float = 0.1) -> None:
    """Difficulties that fall at different speeds, as `KpiRecorder` writes them."""
    generator = np.random.default_rng(seed)
    speed = np.linspace(0.02, 0.5, samples)[:, None] * [1.0, 0.7]
    age = np.arange(1, epochs + 1)[:, None, None]
    kpis = (1 - np.exp(-speed * age)) * np.exp(generator.normal(0, noise, (epochs, samples, 2)))
    difficulty = 1 / kpis.clip(0.02, 1)
    threshold = np.concatenate([np.full((1, 2), np.inf), np.quantile(difficulty, 0.3, axis=1)[:-1]])
    np.savez(path, iteration=np.arange(1, epochs + 1) * 20, difficulty=difficulty, threshold=threshold)
