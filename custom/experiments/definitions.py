"""The experiments and their rows, as `catheter_bundle/configs/experiments` defines them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from custom.errors import InputError
from custom.tasks import TASKS
from custom.typed_yaml import read_yaml
from custom.workflow.environment import bundle_root

EXPERIMENTS = Path(bundle_root()) / "configs" / "experiments"
ROW_KEYS = {"title", "overrides", "values", "tasks", "tables"}
PAPER_KEYS = {"title", "AP", "J", "mean_kpi", "seconds_per_frame", "hours"}


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
    content = _read(path, {"title", "description", "reference"})
    reference = content.get("reference", "ours")
    rows = [_row(row_path, name) for row_path in sorted((folder / "rows").glob("*.yaml"))]
    ordered = sorted((row for row in rows if row is not None), key=lambda row: row.name == reference)
    return Experiment(name, content["title"], content["description"], reference, tuple(ordered))


def _row(path: Path, experiment: str) -> Row | None:
    content = _read(path, ROW_KEYS)
    tables = content.get("tables") or {}
    if experiment not in tables:
        return None
    paper = dict(tables[experiment] or {})
    _check_keys(path, paper, PAPER_KEYS)
    return Row(
        name=path.stem,
        title=paper.pop("title", content.get("title", path.stem)),
        overrides=tuple(content.get("overrides", ())),
        values=content.get("values", {}),
        tasks=tuple(content.get("tasks", TASKS)),
        paper=paper,
    )


def _read(path: Path, keys: set[str]) -> dict[str, Any]:
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError("the definition has no keys", source=path, expected=f"some of {', '.join(sorted(keys))}")
    _check_keys(path, content, keys)
    return content


def _check_keys(path: Path, content: Mapping[str, Any], keys: set[str]) -> None:
    for key in content:
        if key not in keys:
            raise InputError("unknown key", source=path, found=key, expected=f"one of {', '.join(sorted(keys))}")
