"""Which runs a comparison consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser

from custom.errors import InputError
from custom.experiments.definitions import Row
from custom.experiments.run_settings import WEIGHTS_FILES
from custom.experiments.runs import Run

# Parts of train.yaml that say how things are wired up, not what is compared.
NO_SETTINGS = {"_meta_", "imports", "initialize", "run", "training", "finalize", "checkpoints"}
SECTIONS = ("train", "validate")
OWN_SETTINGS = {
    "seed": "--seeds",
    "output_dir": "--output",
    "report_dir": "--output",
    "max_epochs": "--epochs",
    "resume": "the same command again",
    "overwrite": "another folder with --output",
}


@dataclass(frozen=True)
class Budget:
    """What all rows of a comparison share.

    Args:
        datalist: the data.
        output: folder of the comparison.
        seeds: how many runs each row has, with the seeds 0, 1, ...
        epochs: of each run; those of the config where `None`. The schedule of the sample selection is stretched with
            them.
        settings: values by id that override the config; a row's own win.

    Raises:
        InputError: where there is no seed, no epoch or no such file of weights, or a setting is the comparison's own.
    """

    datalist: Path
    output: Path
    seeds: int
    epochs: int | None
    settings: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name, count in (("seeds", self.seeds), ("epochs", self.epochs)):
            if count is not None and (not isinstance(count, int) or count < 1):
                raise InputError("nothing would be trained", field=name, found=count, expected="1 or more")
        for name in self.settings:
            if name in OWN_SETTINGS:
                raise InputError("the comparison sets it for each run", field=name, remedy=f"Use {OWN_SETTINGS[name]}")
        for name in WEIGHTS_FILES:
            path = self.settings.get(name)
            if path is not None and not Path(path).is_file():
                raise InputError("there is no such file of weights", source=path, field=name)


def plan_runs(row: Row, budget: Budget, config_files: Sequence[str]) -> list[Run]:
    """Return the runs of a row.

    Args:
        row: the strategy.
        budget: what it shares with the others.
        config_files: of training, those of the row's overrides included.
    """
    parser = ConfigParser()
    parser.read_config(list(config_files))
    config = _settings(parser.get())
    values = _schedule(config, budget.epochs) | dict(budget.settings) | dict(row.values)
    return [
        Run(row, seed, budget.output, budget.datalist, tuple(config_files), config, values)
        for seed in range(budget.seeds)
    ]


def _settings(content: Mapping[str, Any]) -> dict[str, Any]:
    """What makes runs comparable, the parts of the large sections one by one, so that messages can name them."""
    parts = {f"{section}#{name}": part for section in SECTIONS for name, part in content[section].items()}
    return {name: value for name, value in content.items() if name not in {*NO_SETTINGS, *SECTIONS}} | parts


def _schedule(config: Mapping[str, Any], epochs: int | None) -> dict[str, Any]:
    configured = config["max_epochs"]
    if epochs is None:
        return {"max_epochs": configured}
    return {"max_epochs": epochs, "share_epochs": [round(at * epochs / configured) for at in config["share_epochs"]]}
