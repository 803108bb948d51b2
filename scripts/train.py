"""`catheter train`: train the bundle on a data set."""

from __future__ import annotations

from typing import Any


def train(
    datalist: str,
    *,
    output: str | None = None,
    overrides: str | tuple[str, ...] = (),
    epochs: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    tracking: bool = True,
    **settings: Any,
) -> None:
    """Train on the frames of a datalist; the weights come to OUTPUT/model.pt, the MLflow store to OUTPUT/mlruns.db.

    Args:
        datalist: the datalist's JSON file.
        output: folder for checkpoints, weights, metrics and the MLflow store; `output` where it is not given.
        overrides: files of catheter_bundle/configs/overrides by name (lite, ...), or paths, with commas between them.
        epochs: how long to train; the config's max_epochs where it is not given.
        resume: go on from the last checkpoint in OUTPUT.
        overwrite: train anew where OUTPUT holds a run already.
        tracking: follow the run in MLflow.
        **settings: any key of train.yaml, e.g. --learning_rate 0.001 --batch_size 16 --device cpu.
    """
    from scripts.bundle import CONFIGS, config_files, run_bundle  # slow to import: every help would wait

    run_bundle(
        "training",
        config_files("train.yaml", overrides=overrides),
        tracking=str(CONFIGS / "tracking.yaml") if tracking else None,
        datalist=datalist,
        output_dir=output,
        max_epochs=epochs,
        resume=resume,
        overwrite=overwrite,
        settings=settings,
    )
