"""`catheter evaluate_robustness`: what corruptions of the frames cost a trained network."""

from __future__ import annotations

from typing import Any

from scripts.command_line import check_count


def evaluate_robustness(
    datalist: str,
    *,
    output: str | None = None,
    weights: str | None = None,
    split: str = "test",
    frames: int | None = None,
    only: str | tuple[str, ...] | None = None,
    overrides: str | tuple[str, ...] = (),
    **settings: Any,
) -> None:
    """Evaluate weights under sixteen corruptions in five strengths; writes OUTPUT/robustness with a table and pictures.

    Args:
        datalist: the datalist's JSON file.
        output: the folder that training wrote to; `output` where it is not given.
        weights: the weights to evaluate; OUTPUT/model.pt where it is not given.
        split: training, validation or test.
        frames: how many frames of the split, evenly spread, at least 1; all where it is not given.
        only: names of the only corruptions to try, with commas between them (dose, noise, blur, ...).
        overrides: the overrides that the network was trained with (lite, ...).
        **settings: any key of train.yaml or evaluate_robustness.yaml, e.g. --corruption_seed 1 --device cpu.
    """
    check_count("frames", frames)
    from scripts.bundle import config_files, run_bundle  # slow to import: every help would wait

    run_bundle(
        "evaluating",
        config_files("train.yaml", "evaluate.yaml", "evaluate_robustness.yaml", overrides=overrides),
        datalist=datalist,
        output_dir=output,
        weights=weights,
        frames=frames,
        only=only,
        **{"validate#split": split},
        settings=settings,
    )
