"""The evaluation, corruption by corruption."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Events
from monai.engines import Evaluator
from tqdm import tqdm

from custom.errors import InputError
from custom.given_names import given_names
from custom.metrics import METRIC_PREFIX, summarize
from custom.robustness.picture import write_picture
from custom.robustness.report import Outcome, write_report
from custom.robustness.transform import CorruptFramed
from custom.workflow.weights_file import load_network

CLEAN = (None, 0, 0.0)
LOWER_IS_BETTER = ("box_side", "error_", "false_alarm_")  # or neither is


def evaluate_robustness(
    *,
    evaluator: Evaluator,
    network: torch.nn.Module,
    weights: str | Path,
    corruption: CorruptFramed,
    entries: Sequence[dict[str, Any]],
    numbers: str | Sequence[str],
    folder: str | Path,
) -> None:
    """Evaluate frames as they are, then with each corruption in each strength; write the report, each time anew.

    Args:
        evaluator: its preprocessing has `corruption` in it, and nothing is cached.
        network: the network inside the engine.
        weights: its weights, a plain state dict.
        corruption: what frames go through.
        entries: that are evaluated; the picture shows the one with the most electrodes.
        numbers: of `custom.metrics.summarize`, higher being better, that are reported; one text with commas or several.
        folder: where `robustness.md`, `robustness.csv` and `robustness.png` go.

    Raises:
        InputError: where there is no such number, or less of it is no loss.
    """
    reported = _known_numbers(numbers)
    load_network(network, weights)
    passes = list(_passes(corruption))
    outcomes = []
    with tqdm(total=len(passes) * len(entries), unit="frame", disable=None) as progress:
        evaluator.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: progress.update(len(engine.state.batch)))
        for name, level, strength in passes:
            corruption.select(name, strength)
            progress.set_description(f"{name} {level}" if name else "as they are")
            evaluator.run()
            metrics = {number: float(evaluator.state.metrics[f"{METRIC_PREFIX}{number}"]) for number in reported}
            outcomes.append(Outcome(name, level, strength, metrics))
            written = write_report(Path(folder), outcomes, corruption.corruptions, frames=len(entries))
    written.append(write_picture(Path(folder) / "robustness.png", corruption, entries))
    for path in written:
        logging.getLogger("catheter.evaluate").info(f"wrote {path}")


def _known_numbers(numbers: str | Sequence[str]) -> list[str]:
    names = given_names(numbers)
    known = [name for name in summarize([]) if not name.startswith(LOWER_IS_BETTER)]
    for name in names:
        if name not in known:
            expected = f"some of {', '.join(known)}"
            raise InputError("no number whose drop is a loss", field="numbers", found=name, expected=expected)
    return names


def _passes(corruption: CorruptFramed) -> Iterator[tuple[str | None, int, float]]:
    yield CLEAN
    for name, item in corruption.corruptions.items():
        for level, strength in enumerate(item.strengths, start=1):
            yield name, level, strength
