"""The table of corruptions: Markdown for people, CSV for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from custom.files import write_text
from custom.metrics.statistics import mean
from custom.robustness.corruption import Corruption
from custom.tables import markdown_table, number_cell, write_csv


@dataclass(frozen=True)
class Outcome:
    """What one pass over the frames came to.

    Attributes:
        corruption: its name; `None` of the frames as they are.
        level: 1 for the weakest strength; 0 of the frames as they are.
        strength: as the corruption counts it.
        numbers: by name.
    """

    corruption: str | None
    level: int
    strength: float
    numbers: Mapping[str, float]

    def drop(self, clean: Outcome, number: str) -> float:
        """What is lost of a number, as a share of what it is on the frames as they are; NaN where that is 0."""
        before = clean.numbers[number]
        return (before - self.numbers[number]) / before if before else math.nan


def write_report(
    folder: Path, outcomes: Sequence[Outcome], corruptions: Mapping[str, Corruption], *, frames: int
) -> list[Path]:
    """Write `robustness.md` and `robustness.csv`.

    Args:
        folder: where they go.
        outcomes: the frames as they are come first.
        corruptions: by name.
        frames: how many there were in a pass.

    Returns:
        What was written.
    """
    table, document = folder / "robustness.csv", folder / "robustness.md"
    rows = [_row(outcome, outcomes[0]) for outcome in outcomes]
    write_csv(table, rows)
    write_text(document, _markdown(outcomes, corruptions, frames))
    return [document, table]


def _row(outcome: Outcome, clean: Outcome) -> dict[str, str | float]:
    return {
        "corruption": outcome.corruption or "none",
        "level": outcome.level,
        "strength": outcome.strength,
        **outcome.numbers,
        **{f"{name}_drop": outcome.drop(clean, name) for name in outcome.numbers},
    }


def _markdown(outcomes: Sequence[Outcome], corruptions: Mapping[str, Corruption], frames: int) -> str:
    clean = outcomes[0]
    levels = max(len(item.strengths) for item in corruptions.values())
    numbers = [[name, number_cell(value, ".3f")] for name, value in clean.numbers.items()]
    settings = [
        [name, item.meaning, *_padded([f"{strength:g}" for strength in item.strengths], levels)]
        for name, item in corruptions.items()
    ]
    heading = [str(level) for level in range(1, levels + 1)]
    parts = ["# Robustness", f"Frames: {frames}. Uncorrupted:", markdown_table(["number", "value"], numbers)]
    parts += ["## Strengths", markdown_table(["corruption", "strength", *heading], settings)]
    parts.append("What follows is the relative drop in percent: 100 is everything, negative ones are gains.")
    for number in clean.numbers:
        drops = [_drops(name, outcomes, number, levels) for name in corruptions]
        parts += [f"## {number}", markdown_table(["corruption", *heading, "mean"], drops)]
    return "\n\n".join([*parts, "![the corruptions](robustness.png)"]) + "\n"


def _drops(corruption: str, outcomes: Sequence[Outcome], number: str, levels: int) -> list[str]:
    own = [outcome for outcome in outcomes if outcome.corruption == corruption]
    drops = [100 * outcome.drop(outcomes[0], number) for outcome in own]
    return [corruption, *_padded([number_cell(drop, ".1f") for drop in drops], levels), number_cell(mean(drops), ".1f")]


def _padded(cells: list[str], length: int) -> list[str]:
    return cells + [""] * (length - len(cells))
