"""Times as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from custom.benchmark.timing import Timing
from custom.files import write_text
from custom.tables import markdown_table

Size = tuple[int, int]
NetworkTimes = Mapping[Size, Mapping[tuple[str, str], Timing]]
StageTimes = Mapping[Size, Mapping[str, Timing]]
REFERENCE = ("paper", "torch")


def write_report(
    folder: str | Path, *, machine: Mapping[str, str], networks: NetworkTimes, stages: StageTimes
) -> list[Path]:
    """Write benchmark.md and benchmark.json.

    Args:
        folder: where to.
        machine: see `describe_machine`.
        networks: for each size the time of every network in every engine.
        stages: for each size the time of every stage of a frame.

    Returns:
        The files that were written.
    """
    folder = Path(folder)
    document = {
        "machine": dict(machine),
        "networks": [
            {"rows": rows, "columns": columns, "network": network, "engine": engine, **asdict(timing)}
            for (rows, columns), times in networks.items()
            for (network, engine), timing in times.items()
        ],
        "stages": [
            {"rows": rows, "columns": columns, "stage": stage, **asdict(timing)}
            for (rows, columns), times in stages.items()
            for stage, timing in times.items()
        ],
    }
    markdown = _markdown(machine, networks, stages)
    files = {"benchmark.md": markdown, "benchmark.json": json.dumps(document, indent=2) + "\n"}
    for name, text in files.items():
        write_text(folder / name, text)
    return [folder / name for name in files]


def _markdown(machine: Mapping[str, str], networks: NetworkTimes, stages: StageTimes) -> str:
    facts = [f"- {name}: {value}" for name, value in machine.items()]
    tables = [_network_table(size, times) for size, times in networks.items()]
    tables += [_stage_table(size, times) for size, times in stages.items()]
    return "\n\n".join(["# Benchmark", "\n".join(facts), *tables]) + "\n"


def _network_table(size: Size, times: Mapping[tuple[str, str], Timing]) -> str:
    heading = (
        "network",
        "engine",
        "minimum ms",
        "median ms",
        "frames/s",
        "times as fast as the paper's in eager PyTorch",
    )
    rows = [_network_row(key, timing, times.get(REFERENCE)) for key, timing in times.items()]
    return f"## The network alone, {size[0]} x {size[1]}\n\n{markdown_table(heading, rows)}"


def _stage_table(size: Size, times: Mapping[str, Timing]) -> str:
    network = times["network"].minimum
    rows = [
        (stage, _ms(timing.minimum), _ms(timing.median), f"{timing.minimum / network:.2f}")
        for stage, timing in times.items()
    ]
    heading = ("stage", "minimum ms", "median ms", "in units of the network's")
    return f"## From the file to the results, {size[0]} x {size[1]}\n\n{markdown_table(heading, rows)}"


def _network_row(key: tuple[str, str], timing: Timing, reference: Timing | None) -> Sequence[Any]:
    faster = "" if reference is None else f"{reference.minimum / timing.minimum:.2f}"
    return (*key, _ms(timing.minimum), _ms(timing.median), f"{1e3 / timing.minimum:.0f}", faster)


def _ms(value: float) -> str:
    return f"{value:.2f}"
