"""`catheter fit_feature_distance`: teach weights what a frame unlike their training frames is."""

from __future__ import annotations

from typing import Any


def fit_feature_distance(
    datalist: str,
    weights: str,
    *,
    overrides: str | tuple[str, ...] = (),
    **settings: Any,
) -> None:
    """Fit the distance by which inference flags frames as unlike_training; training does so at its end by itself.

    Args:
        datalist: the datalist's JSON file, of whose training frames the distance is measured.
        weights: network weights; the file is replaced by one that holds the distance, too.
        overrides: the overrides that the network was trained with (lite, ...).
        **settings: any key of train.yaml, e.g. --feature_distance_frames 500 --device cpu.
    """
    from scripts.bundle import config_files, run_bundle  # slow to import: every help would wait

    run_bundle(
        "fitting",
        config_files("train.yaml", "fit_feature_distance.yaml", overrides=overrides),
        datalist=datalist,
        weights=weights,
        settings=settings,
    )
