"""Whether a datalist has the labels that the rows of an experiment need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from custom.data.datalist import LABEL_KEYS, SPLITS, Datalist, read_datalist
from custom.errors import InputError
from custom.experiments.definitions import Row
from custom.tasks import TASKS


def check_labels(path: Path, rows: Sequence[Row], wanted: Sequence[Row]) -> None:
    """Check that every split has a label of each task that the wanted rows train.

    Args:
        path: the datalist.
        rows: of the experiment; those that can run are named.
        wanted: the rows to run.

    Raises:
        InputError: where a wanted row cannot run, or the datalist cannot be read.
        FaultsError: where it has faults.
    """
    datalist = read_datalist(path)
    lacking = {task: _split_without(datalist, task) for task in TASKS}
    missing = [task for task in TASKS if lacking[task] and any(task in row.tasks for row in wanted)]
    if missing:
        runnable = [row.name for row in rows if not any(lacking[task] for task in row.tasks)]
        raise InputError(
            f"no frame of this split has a label for {missing[0]}",
            source=path,
            field=lacking[missing[0]],
            remedy=f"Rows that can run: {', '.join(runnable) or 'none'}",
        )


def _split_without(datalist: Datalist, task: str) -> str | None:
    key = LABEL_KEYS[task]
    return next((name for name in SPLITS if all(entry[key] is None for entry in datalist.split(name))), None)
