"""A simulated data set as files: frames, masks, datalist, and a record of what it was made from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from custom.data.datalist import DATALIST_FILE, Entry, write_datalist
from custom.data.dicom_writer import write_xa_cine
from custom.data.frame_facts import SIMULATION_RECORD
from custom.simulation.data_set_folder import IMAGES, MASKS, cine_name, frame_name
from custom.simulation.dataset import SimulatedSequences
from custom.simulation.render import FrameLabel
from custom.simulation.sequence import SequencePlan

FORMATS = ("png", "png16", "dicom")
_FRAMES_AT_ONCE = 8


def write_data_set(sequences: SimulatedSequences, folder: Path, *, file_format: str) -> None:
    """Render every frame into a new folder.

    Args:
        sequences: what to render; for `png16` its levels are not rounded.
        folder: exists and is empty.
        file_format: one of `FORMATS`.
    """
    (folder / IMAGES).mkdir()
    (folder / MASKS).mkdir()
    splits = sequences.splits()
    entries: dict[int, list[Entry]] = {}
    with tqdm(total=len(sequences), unit="frame", desc="simulate", disable=None) as progress:
        for sequence in range(sequences.sequences):
            entries[sequence] = _write_sequence(sequences, sequence, folder, file_format, progress.update)
    datalist = {name: [entry for number in numbers for entry in entries[number]] for name, numbers in splits.items()}
    write_datalist(folder / DATALIST_FILE, datalist)
    (folder / SIMULATION_RECORD).write_text(json.dumps(_record(sequences), indent=1) + "\n")


def _write_sequence(
    sequences: SimulatedSequences, sequence: int, folder: Path, file_format: str, advance: Callable[[int], object]
) -> list[Entry]:
    first = sequence * sequences.frames
    pixels, entries = [], []
    for start in range(first, first + sequences.frames, _FRAMES_AT_ONCE):
        batch = sequences.render(range(start, min(start + _FRAMES_AT_ONCE, first + sequences.frames)))
        levels = batch.images[:, 0].cpu().numpy()
        for image, label, mask in zip(levels, batch.labels, batch.masks[:, 0].cpu().numpy(), strict=True):
            entries.append(_write_frame(image, mask, label, folder, file_format))
        if file_format == "dicom":
            pixels.append(levels.astype(np.uint8))
        advance(len(levels))
    if file_format == "dicom":
        plan = sequences.plan(sequence)
        _write_cine(folder / IMAGES / cine_name(plan.name), np.concatenate(pixels), plan)
    return entries


def _write_frame(image: np.ndarray, mask: np.ndarray, label: FrameLabel, folder: Path, file_format: str) -> Entry:
    """Write a frame's own files; gives its datalist entry."""
    name = frame_name(label.plan.name, label.frame)
    Image.fromarray(mask.astype(np.uint8) * 255).save(folder / MASKS / name)
    entry: Entry = {"image": f"{IMAGES}/{name}", "mask": f"{MASKS}/{name}", **label.entry()}
    if file_format == "dicom":
        return {**entry, "image": f"{IMAGES}/{cine_name(label.plan.name)}", "frame": label.frame}
    levels = image.round().astype(np.uint8) if file_format == "png" else (image * 257).round().astype(np.uint16)
    Image.fromarray(levels).save(folder / IMAGES / name, compress_level=1)
    return entry


def _write_cine(path: Path, frames: np.ndarray, plan: SequencePlan) -> None:
    view = plan.view
    write_xa_cine(
        path,
        frames,
        frame_time_ms=1000 * plan.motion.frame_time_s,
        imager_pixel_spacing_mm=(view.detector_pixel_mm, view.detector_pixel_mm),
        sid_mm=view.sid_mm,
        sod_mm=view.sod_mm,
        primary_angle_deg=view.primary_deg,
        secondary_angle_deg=view.secondary_deg,
        kvp=plan.imaging.kvp,
        seed=plan.seed * 1_000_000 + plan.sequence,
    )


def _record(sequences: SimulatedSequences) -> dict[str, Any]:
    """What the data set was made from: settings, and the geometry and imaging of every sequence."""
    return {
        "seed": sequences.seed,
        "size": [sequences.rows, sequences.columns],
        "frames": sequences.frames,
        "sequences": [_sequence_record(sequences.plan(number)) for number in range(sequences.sequences)],
        "config": dataclasses.asdict(sequences.config),
    }


def _sequence_record(plan: SequencePlan) -> dict[str, Any]:
    return {
        "sequence": plan.name,
        "case": plan.case,
        "procedure": plan.procedure,
        "devices": plan.labels.types,
        "frame_time_ms": 1000 * plan.motion.frame_time_s,
        **dataclasses.asdict(plan.view),
        **dataclasses.asdict(plan.imaging),
    }
