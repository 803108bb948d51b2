"""The experiments and their rows, as `catheter_bundle/configs/experiments` defines them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from custom.errors import InputError
from custom.tasks import TASKS
from custom.typed_yaml import parse, read_yaml
from custom.workflow.environment import bundle_root

EXPERIMENTS = Path(bundle_root()) / "configs" / "experiments"


@dataclass(frozen=True)
class Row:
    """One strategy, or one network.

    Args:
        name: its file's, without suffix.
        title: what reports call it.
        overrides: names of files in `configs/overrides`.
        values: further values, by id, that override the config.
        tasks: those that it trains, whose labels it needs.
        paper: the paper's figures: `AP`, `J` and `mean_kpi` in percent, `seconds_per_frame`, `hours`.
    """

    name: str
    title: str
    overrides: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[str, ...] = TASKS
    paper: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """A table or a figure of the paper, or another comparison.

    Args:
        name: its file's, without suffix.
        title: of the report.
        description: what the rows have in common.
        reference: name of the row that the others are compared with.
        rows: by name, the reference last.
    """

    name: str
    title: str
    description: str
    reference: str
    rows: tuple[Row, ...]

    def select(self, names: Sequence[str]) -> tuple[Row, ...]:
        """Return the rows with these names, all where there are none.

        Raises:
            InputError: where a row is unknown; lists the known ones.
        """
        known = {row.name: row for row in self.rows}
        for name in names:
            if name not in known:
                raise InputError(
                    f"{self.name} has no such row", field="rows", found=name, expected=f"some of {', '.join(known)}"
                )
        return tuple(known[name] for name in names) if names else self.rows


def load_experiment(name: str, folder: Path = EXPERIMENTS) -> Experiment:
    """Read an experiment with all its rows.

    Args:
        name: `table3`, ..., `figure3`, `peers`.
        folder: of the definitions.

    Raises:
        InputError: where there is no such experiment, or a definition is wrong.
    """
    path = folder / f"{name}.yaml"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        raise InputError("unknown experiment", field="experiment", found=name, expected=f"one of {', '.join(known)}")
    definition: _ExperimentFile = _read(path, _ExperimentFile)
    rows = [_row(row_path, name) for row_path in sorted((folder / "rows").glob("*.yaml"))]
    ordered = sorted((row for row in rows if row is not None), key=lambda row: row.name == definition.reference)
    return Experiment(name, definition.title, definition.description, definition.reference, tuple(ordered))


@dataclass(frozen=True)
class _ExperimentFile:
    """See `Experiment`."""

    title: str
    description: str
    reference: str = "ours"


@dataclass(frozen=True)
class _RowFile:
    """See `Row`; `tables` are the experiments that it is in, with the paper's figures."""

    title: str = ""
    overrides: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    tasks: tuple[str, ...] = TASKS
    tables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Figures:
    """The paper's, of a row in one experiment, where it may have another title."""

    title: str = ""
    AP: float = math.nan
    J: float = math.nan
    mean_kpi: float = math.nan
    seconds_per_frame: float = math.nan
    hours: float = math.nan


def _row(path: Path, experiment: str) -> Row | None:
    definition: _RowFile = _read(path, _RowFile)
    for task in definition.tasks:
        if task not in TASKS:
            expected = f"some of {', '.join(TASKS)}"
            raise InputError("unknown task", source=path, field="tasks", found=task, expected=expected)
    if experiment not in definition.tables:
        return None
    given = _stated(definition.tables[experiment] or {})
    figures: _Figures = parse(_Figures, given, str(path), f"tables.{experiment}")
    return Row(
        name=path.stem,
        title=figures.title or definition.title or path.stem,
        overrides=definition.overrides,
        values=definition.values,
        tasks=definition.tasks,
        paper={name: getattr(figures, name) for name in given if name != "title"},
    )


def _read(path: Path, kind: type) -> Any:
    """A definition as `kind`."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        keys = ", ".join(item.name for item in fields(kind))
        raise InputError("the definition has no keys", source=path, expected=f"some of {keys}")
    return parse(kind, _stated(content), str(path))


def _stated(content: Any) -> Any:
    """A mapping without what is left blank; anything else as it is, to be refused."""
    if not isinstance(content, dict):
        return content
    return {name: value for name, value in content.items() if value is not None}
