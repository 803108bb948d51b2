"""`catheter evaluate_catheters`: catheters, centrelines, identity and motion in annotated sequences."""

from __future__ import annotations

from typing import Any

from custom.errors import InputError


def evaluate_catheters(
    datalist: str,
    *,
    output: str | None = None,
    split: str = "test",
    truth_input: bool = False,
    weights: str | None = None,
    overrides: str | tuple[str, ...] = (),
    types: str | None = None,
    **settings: Any,
) -> None:
    """Compare catheters with annotated ones; writes catheters.json, catheters.md and catheter_frames.csv to OUTPUT.

    Args:
        datalist: the datalist's JSON file; each frame has its mask, electrodes with catheter and pole, catheters and
            sequence.
        output: folder for the report; `output/catheters` where it is not given.
        split: training, validation or test.
        truth_input: start from the true masks and electrodes instead of the network's.
        weights: network weights; the bundle's models/model.pt where it is not given.
        overrides: the overrides that the network was trained with (lite, ...).
        types: a table of catheter types in place of custom/postprocessing/catheter_types/catheter_types.yaml.
        **settings: any key of inference.yaml, e.g. --minimum_score 0.4 --device cpu.
    """
    if truth_input:
        needless = [name for name, value in {"weights": weights, "overrides": overrides}.items() if value] + [*settings]
        if needless:
            found = ", ".join(needless)
            remedy = "Only --output, --split and --types go with it"
            raise InputError("needs no network", source="--truth_input", found=found, remedy=remedy)
        _evaluate_truth(datalist, output or "output/catheters", split, types)
        return
    from scripts.bundle import inference_files, run_bundle  # slow to import: every help would wait

    run_bundle(
        "run",
        inference_files("evaluate_catheters.yaml", overrides=overrides),
        datalist=datalist,
        output_dir=output,
        split=split,
        weights=weights,
        catheter_types=types,
        settings=settings,
    )


def _evaluate_truth(datalist: str, output: str, split: str, types: str | None) -> None:
    from custom.data import datalist_section
    from custom.metrics import annotated_sequences
    from custom.workflow import check_output_dir, evaluate_geometry

    check_output_dir(output)
    sequences = annotated_sequences(datalist_section(datalist, split), source=datalist, split=split)
    evaluate_geometry(sequences, output, types=types)
