"""A simulated data set on disk: frames, masks, datalist, and a record of what it was made from."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from custom.data.datalist import Entry, read_json, write_datalist
from custom.data.dicom_writer import write_xa_cine
from custom.errors import InputError
from custom.simulation.dataset import SimulatedSequences
from custom.simulation.render import FrameLabel
from custom.simulation.sequence import SequencePlan

RECORD = "simulation.json"
DATALIST = "datalist.json"
FORMATS = ("png", "png16", "dicom")
_FRAMES_AT_ONCE = 8


def write_data_set(sequences: SimulatedSequences, folder: Path, *, file_format: str) -> None:
    """Render every frame into a new folder.

    Args:
        sequences: what to render; for `png16` its levels are not rounded.
        folder: exists and is empty.
        file_format: one of `FORMATS`.
    """
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    splits = sequences.splits()
    entries: dict[int, list[Entry]] = {}
    with tqdm(total=len(sequences), unit="frame", desc="simulate", disable=None) as progress:
        for sequence in range(sequences.sequences):
            entries[sequence] = _write_sequence(sequences, sequence, folder, file_format, progress.update)
    datalist = {name: [entry for number in numbers for entry in entries[number]] for name, numbers in splits.items()}
    write_datalist(folder / DATALIST, datalist)
    (folder / RECORD).write_text(json.dumps(_record(sequences), indent=1) + "\n")


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
        _write_cine(folder / _cine(sequences.plan(sequence)), np.concatenate(pixels), sequences.plan(sequence))
    return entries


def _write_frame(image: np.ndarray, mask: np.ndarray, label: FrameLabel, folder: Path, file_format: str) -> Entry:
    """Write a frame's own files; gives its datalist entry."""
    name = f"{label.plan.name}_{label.frame:04d}.png"
    Image.fromarray(mask.astype(np.uint8) * 255).save(folder / "masks" / name)
    entry: Entry = {"image": f"images/{name}", "mask": f"masks/{name}", **label.entry()}
    if file_format == "dicom":
        return {**entry, "image": _cine(label.plan), "frame": label.frame}
    levels = image.round().astype(np.uint8) if file_format == "png" else (image * 257).round().astype(np.uint16)
    Image.fromarray(levels).save(folder / "images" / name, compress_level=1)
    return entry


def _cine(plan: SequencePlan) -> str:
    return f"images/{plan.name}.dcm"


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


@contextmanager
def new_data_set(output: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give an empty folder beside `output`; when the block ends well, what is in it moves to `output`.

    An earlier simulated data set there is replaced: its own files go, others stay. Until all is in place there is no
    datalist, so that nobody takes half a data set for a whole one.

    Raises:
        InputError: `output` is in use and may not be overwritten, or cannot be written.
    """
    _check_free(output, overwrite)
    earlier = _frame_files(output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=output.parent, prefix=f".{output.name}."))
    except OSError as error:
        raise InputError("cannot be written", source=output, found=error.strerror) from error
    try:
        yield temporary
        temporary.chmod(0o755)
        if output.exists():
            for path in (output / DATALIST, *earlier):
                path.unlink(missing_ok=True)
            _move_into(temporary, output)
        else:
            temporary.replace(output)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check_free(output: Path, overwrite: bool) -> None:
    if output.exists() and not output.is_dir():
        raise InputError("is a file, not a folder", source=output)
    if not output.exists() or not any(output.iterdir()):
        return
    if not (output / RECORD).is_file():
        raise InputError(
            "the folder is not empty and holds no simulated data set", source=output, remedy="Choose another folder"
        )
    if not overwrite:
        raise InputError("the folder holds a simulated data set", source=output, remedy="Add --overwrite to replace it")


def _frame_files(folder: Path) -> list[Path]:
    """Where the frames and masks of the data set in a folder are, by its record: the datalist may be edited."""
    path = folder / RECORD
    if not path.is_file():
        return []
    record = read_json(path)
    try:
        names = [Path(sequence["sequence"]).name for sequence in record["sequences"]]
        frames = [f"{name}_{frame:04d}.png" for name in names for frame in range(record["frames"])]
    except (KeyError, TypeError) as error:
        raise InputError("is no record of a simulated data set", source=path, remedy="Choose another folder") from error
    files = [folder / part / name for part in ("images", "masks") for name in frames]
    return files + [folder / "images" / f"{name}.dcm" for name in names]


def _move_into(source: Path, target: Path) -> None:
    """Move files: the record comes first, by which they can be removed, and the datalist last."""
    files = [path for path in source.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: (path.name == DATALIST, path.name != RECORD, path)):
        destination = target / path.relative_to(source)
        destination.parent.mkdir(parents=True, exist_ok=True)
        path.replace(destination)
