"""`catheter infer`: catheters and electrodes on frames."""

from __future__ import annotations

from typing import Any

from custom.errors import InputError


def infer(
    *sources: str,
    output: str | None = None,
    formats: str | tuple[str, ...] | None = None,
    pixel_spacing_mm: float | tuple[float, float] | None = None,
    spacing_plane: str | None = None,
    keep_identifiers: bool | None = None,
    types: str | None = None,
    weights: str | None = None,
    overrides: str | tuple[str, ...] = (),
    **settings: Any,
) -> None:
    """Mark catheters, wires and electrodes on files, or on every file of a folder.

    It writes masks, overlays, a video of a cine, JSON and CSV; docs/results.md describes every format. Results of a
    DICOM file are named after its content, not after the file, since file names may hold patients' names.

    Args:
        sources: images, DICOM files, videos, NIfTI or NPY files, or folders of them.
        output: folder for the results; `results` where it is not given.
        formats: any of mask, overlay, video, json, csv, motion, coco, nifti, slicer, sr, secondary_capture, with commas
            between them.
        pixel_spacing_mm: of every frame, one number or row,column; the file's own where it is not given.
        spacing_plane: where that spacing holds: detector or isocentre.
        keep_identifiers: keep the names of DICOM files, and the patient in DICOM results.
        types: a table of catheter types in place of custom/postprocessing/catheter_types/catheter_types.yaml.
        weights: network weights; the bundle's models/model.pt where it is not given.
        overrides: the overrides that the network was trained with (lite, ...).
        **settings: any key of inference.yaml, e.g. --minimum_score 0.4 --device cpu.
    """
    from custom.data.frame_stream import SUFFIXES  # MONAI takes seconds to import, and every command's help would wait
    from scripts.bundle import inference_files, run_bundle

    if not sources:
        expected = "one or more to find catheters on"
        remedy = "Write ./ before a name that begins with -"
        raise InputError("no file or folder was named", field="infer", expected=expected, remedy=remedy)
    for name in settings:
        if name.lower().endswith(SUFFIXES):
            problem, remedy = "is an option, since it begins with -", "Write ./ before the name of a file"
            raise InputError(problem, field="infer", found=f"-{name}", remedy=remedy)
    if output is not None and output.lower().endswith(SUFFIXES):
        raise InputError("is a file's name, not a folder for results", field="--output", found=output)
    run_bundle(
        "run",
        inference_files(overrides=overrides),
        dataset_dir=list(sources),
        output_dir=output,
        formats=formats,
        pixel_spacing_mm=pixel_spacing_mm,
        spacing_plane=spacing_plane,
        keep_identifiers=keep_identifiers,
        catheter_types=types,
        weights=weights,
        settings=settings,
    )
