"""`catheter evaluate`: metrics of a trained network on a split of a data set."""

from __future__ import annotations

from typing import Any


def evaluate(
    datalist: str,
    *,
    output: str | None = None,
    weights: str | None = None,
    split: str = "test",
    overrides: str | tuple[str, ...] = (),
    **settings: Any,
) -> None:
    """Evaluate weights on a split; writes OUTPUT/evaluation with metrics.json, frames.csv and a contact sheet.

    Args:
        datalist: the datalist's JSON file.
        output: the folder that training wrote to; `output` where it is not given.
        weights: the weights to evaluate; OUTPUT/model.pt where it is not given.
        split: training, validation or test.
        overrides: the overrides that the network was trained with (lite, ...).
        **settings: any key of train.yaml or evaluate.yaml, e.g. --minimum_score 0.4 --report_dir report.
    """
    from scripts.bundle import config_files, run_bundle  # slow to import: every help would wait

    run_bundle(
        "evaluating",
        config_files("train.yaml", "evaluate.yaml", overrides=overrides),
        datalist=datalist,
        output_dir=output,
        weights=weights,
        **{"validate#split": split},
        settings=settings,
    )
