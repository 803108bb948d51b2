"""`catheter infer`: catheters and electrodes on frames."""

from __future__ import annotations

from typing import Any


def infer(
    source: str,
    output: str = "results",
    weights: str | None = None,
    overrides: str | tuple[str, ...] = (),
    **settings: Any,
) -> None:
    """Mark catheters, wires and electrodes on a file, or on every file of a folder.

    For each file NAME it writes OUTPUT/NAME.json (electrodes), and for each frame a mask and an overlay as PNG.

    Args:
        source: an image, a DICOM file, a NIfTI or NPY file, or a folder of them.
        output: folder for the results.
        weights: network weights; the bundle's models/model.pt where it is not given.
        overrides: the overrides that the network was trained with (lite, ...).
        **settings: any key of inference.yaml, e.g. --minimum_score 0.4 --device cpu.
    """
    from scripts.bundle import (  # MONAI takes seconds to import, and every command's help would wait
        config_files,
        run_bundle,
    )

    run_bundle(
        "run",
        config_files("inference.yaml", overrides=overrides),
        dataset_dir=source,
        output_dir=output,
        weights=weights,
        **settings,
    )
