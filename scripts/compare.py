"""`catheter compare`: the rows of an experiment, trained under the same budget and reported side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custom.errors import CatheterError, FaultsError, InputError
from custom.given_names import given_names
from custom.terminal import print_line

if TYPE_CHECKING:
    from custom.experiments.definitions import Experiment, Row
    from custom.experiments.planning import Budget
    from custom.experiments.runs import Run


def compare(
    experiment: str,
    *,
    rows: str | Sequence[str] = (),
    seeds: int = 3,
    epochs: int | None = None,
    size: int | tuple[int, int] | None = None,
    datalist: str = "data/datalist.json",
    output: str = "comparison",
    overrides: str | Sequence[str] = (),
    target: float | None = None,
    **settings: Any,
) -> None:
    """Train and evaluate the rows of an experiment; the report comes to OUTPUT/EXPERIMENT/report.md.

    Finished runs are kept and skipped when the command is typed again, an interrupted one goes on. Experiments in the
    same OUTPUT share the rows that they have in common, and one MLflow store, OUTPUT/mlruns.db.

    Args:
        experiment: table3, table4, table5, table6, table7, figure3, choices or peers.
        rows: names of the only rows to run, with commas between them.
        seeds: how many times each row is trained, with the seeds 0, 1, ...
        epochs: how long each run trains; the schedule of the sample selection is stretched with it.
        size: frames are scaled to this side, or to rows,columns; multiples of 16. They keep their sampling where it is
            not given.
        datalist: the datalist's JSON file.
        output: folder for runs, reports and the MLflow store.
        overrides: overrides that all rows share (lite, ...).
        target: mean KPI in percent that times lead to; the highest that every run reached where it is not given.
        **settings: any key of train.yaml, for all rows, e.g. --batch_size 16 --device cpu.
    """
    from custom.experiments.definitions import load_experiment  # MONAI takes seconds to import, and help would wait
    from custom.experiments.planning import Budget
    from custom.transforms.fit import network_size
    from custom.workflow import check_output_dir

    if size is not None:
        _check_size_once(settings)
        image_size = list(network_size([size, size] if isinstance(size, int) else size))
        settings |= {"image_size": image_size, "scale_to_size": True}
    definition = load_experiment(experiment)
    wanted = definition.select(_names(rows))
    budget = Budget(Path(datalist).resolve(), Path(output).resolve(), seeds, epochs, settings)
    planned = _plan(definition, wanted, budget, _names(overrides))
    check_output_dir(budget.output)
    for run in planned:
        run.check_settings()
    shared = {"epochs": planned[0].values["max_epochs"], "overrides": ", ".join(_names(overrides)) or "none"}
    said = {"datalist": datalist, **shared, **settings}
    _run_and_report(definition, wanted, planned, said, target)


def _check_size_once(settings: Mapping[str, Any]) -> None:
    for name in ("image_size", "scale_to_size"):
        if name in settings:
            raise InputError("--size sets it, too", field=name, found=settings[name], remedy="Leave one of the two out")


def _plan(experiment: Experiment, wanted: Sequence[Row], budget: Budget, overrides: Sequence[str]) -> list[Run]:
    from custom.experiments.labels import check_labels
    from custom.experiments.planning import plan_runs
    from custom.workflow import check_overrides
    from scripts.bundle import config_files

    check_overrides(config_files("train.yaml", overrides=tuple(overrides)), budget.settings)
    check_labels(budget.datalist, experiment.rows, wanted)
    planned: list[Run] = []
    for row in experiment.rows:
        files = config_files("train.yaml", overrides=(*overrides, *row.overrides, "record_run"))
        planned += plan_runs(row, budget, files)
    return planned


def _run_and_report(
    experiment: Experiment,
    wanted: Sequence[Row],
    planned: Sequence[Run],
    settings: dict[str, Any],
    target: float | None,
) -> None:
    from rich.console import Console

    from custom.experiments.execution import execute
    from custom.experiments.report_files import write_report

    console = Console(soft_wrap=True, highlight=False)
    runs = [run for run in planned if run.row in wanted]
    folder = runs[0].output / experiment.name
    try:
        faults = execute(runs, console)
        reported = [run for run in planned if run in runs or run.finished]
        written = write_report(folder, experiment, reported, target=target, settings=settings)
    except OSError as error:
        raise CatheterError(
            f"{error.filename or folder}: cannot be written ({error.strerror}). "
            "What is finished is kept: make room, then type the command again."
        ) from error
    for path in written:
        print_line(f"Written: {path}")
    if faults:
        raise FaultsError(f"{len(faults)} of {len(runs)} runs failed; the others are done", faults)


def _names(given: str | Sequence[str]) -> list[str]:
    return [name for name in given_names(given) if name]
