"""Trains the weights that the bundle ships: `python -m scripts.train_release RELEASE_FOLDER`.

Typed again, it goes on after the last finished epoch; a fixed seed gives the same weights. A GPU is used where there is
one. At the end it writes catheter_bundle/models/model.pt and the record of its SHA-256.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser

from custom.data.datalist import DATALIST_FILE
from custom.data.frame_facts import SIMULATION_RECORD
from custom.errors import InputError
from custom.simulation.config import DEFAULT as SIMULATION
from custom.typed_yaml import read_yaml
from custom.workflow import bundle_root
from custom.workflow.checkpoints import last_checkpoint
from custom.workflow.environment import default_device
from scripts.command_line import start_alone
from scripts.fit_feature_distance import fit_feature_distance
from scripts.release_weights import average_weights, calibrate, publish_weights, weights_of_last_epoch
from scripts.simulate import simulate
from scripts.train import train

STAGES = {  # folders of the runs, and the overrides that each adds to those of the one before
    "first_stage": "augmentation,release",
    "second_stage": "release_second",
    "third_stage": "selection_none,release_third",
    "fourth_stage": "release_fourth",
    "fifth_stage": "release_fifth",
    "sixth_stage": "display,release_sixth",
}
FROM_MEAN, MEAN = "sixth_stage", "mean.pt"  # it starts from the mean of the two before it
OVERRIDES = dict(zip(STAGES, accumulate(STAGES.values(), "{},{}".format), strict=True))
LAST_OVERRIDES = list(OVERRIDES.values())[-1]
# A sixth of the validation frames is enough to choose the best epoch, and does not hold the training up.
VALIDATION: dict[str, Any] = {"validate#dataset#data": "$data.datalist_section(@datalist, @validate#split)[::6]"}
MORE_PATIENTS = "more_patients"  # folder of the data that not every stage has
WITH_MORE_PATIENTS = ("fifth_stage", "sixth_stage")


def train_release(
    folder: str = "release",
    sequences: int = 1600,
    frames: int = 4,
    size: int = 400,
    seed: int = 2026,
    epochs: int | None = None,
    publish: bool = True,
) -> None:
    """Simulate the training frames, train on them in six stages, and put a mean of the last three into the bundle.

    The last stage counts twice as much as the mean of the two before it.

    Args:
        folder: for the data and the runs of all stages.
        sequences: simulated sequences, of all splits; the last two stages have an eighth more of their own.
        frames: of each sequence; half of them in those stages' own.
        size: side of a frame in pixels.
        seed: of the data; each stage of the training has its own.
        epochs: of each stage; as in the overrides of `STAGES` where it is not given.
        publish: replace the bundle's weights.
    """
    data, runs = Path(folder) / "data", [Path(folder) / name for name in STAGES]
    datalist = data / DATALIST_FILE
    _simulate_once(data, sequences=sequences, frames=frames, size=size, seed=seed)
    more = Path(folder) / MORE_PATIENTS
    config = str(write_patients_config(Path(folder) / "patients.yaml"))
    shape: dict[str, Any] = {"sequences": sequences * 9 // 8, "frames": max(1, frames // 2), "size": size}
    _simulate_once(more, **shape, seed=seed + 5, config=config)
    of_both = with_more_patients(more / DATALIST_FILE)
    for number, (name, overrides) in enumerate(OVERRIDES.items()):
        if not any(map(_has_begun, runs[number + 1 :])):
            options: dict[str, Any] = {"overrides": overrides, "epochs": epochs, **VALIDATION}
            if name in WITH_MORE_PATIENTS:
                options |= of_both
            weights = _weights_to_start_from(name, runs[:number], datalist)
            train(str(datalist), output=str(runs[number]), weights=weights, resume=_has_begun(runs[number]), **options)
    calibrated = calibrate(weights_of_last_epoch(runs[-1]), datalist, LAST_OVERRIDES)
    weights_file = average_weights([Path(folder) / MEAN, calibrated, calibrated], Path(folder) / "model.pt")
    fit_feature_distance(str(datalist), str(weights_file), overrides=LAST_OVERRIDES, **of_both, cache_rate=0.0)
    if publish:
        publish_weights(weights_file, Path(bundle_root()) / "models" / "model.pt")


def _weights_to_start_from(name: str, earlier: Sequence[Path], datalist: Path) -> str | None:
    if name != FROM_MEAN:
        return str(earlier[-1] / "model.pt") if earlier else None
    mean = earlier[-1].with_name(MEAN)
    if not _has_begun(mean.with_name(name)):
        average_weights([calibrate(run / "model.pt", datalist, LAST_OVERRIDES) for run in earlier[-2:]], mean)
    return str(mean)


def _simulate_once(
    folder: Path, *, sequences: int, frames: int, size: int, seed: int, config: str | None = None
) -> None:
    """Simulate, unless the same was simulated there before."""
    if not (folder / DATALIST_FILE).is_file():
        device = default_device().type
        simulate(str(folder), sequences=sequences, frames=frames, size=size, seed=seed, config=config, device=device)
        return
    record = json.loads((folder / SIMULATION_RECORD).read_text())
    found = {**record, "sequences": len(record["sequences"])}
    for name, value in {"sequences": sequences, "frames": frames, "size": [size, size], "seed": seed}.items():
        if found[name] != value:
            raise InputError(
                "the frames there were simulated with another value",
                source=folder,
                field=name,
                found=found[name],
                expected=str(value),
                remedy="Give the options that the training was started with, or another folder",
            )


def with_more_patients(datalist: Path) -> dict[str, Any]:
    """Return the setting that trains on half of the frames and on those of another datalist."""
    first, more = (f"data.datalist_section({source}, 'training')" for source in ("@datalist", repr(str(datalist))))
    return {"train#dataset#data": f"${first}[::2] + {more}"}


def write_patients_config(target: Path) -> Path:
    """Write the settings of the last two stages' simulated patients."""
    settings = ConfigParser(read_yaml(SIMULATION))
    settings.update(read_yaml(SIMULATION.with_name("release_patients.yaml")))
    target.parent.mkdir(parents=True, exist_ok=True)
    ConfigParser.export_config_file(settings.get(), str(target), fmt="yaml")
    return target


def _has_begun(run: Path) -> bool:
    return last_checkpoint(run).is_file()


if __name__ == "__main__":
    start_alone(train_release)
