"""The layout of the paper's clinical data: `trainval/{images,masks,imagesets,csv/blob.csv}`."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from custom.data.converters.label_files import read_smeared_mask
from custom.data.converters.name_lists import listed_names
from custom.data.converters.names import files_by_name, name_key
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.data.reader import read_size
from custom.errors import CatheterError, InputError, faults_in

SETS = {"train": "training", "val": "validation"}
COLUMNS = ("imageId", "Center X", "Center Y", "Strength")
# The authors draw an electrode of strength s with a half-width of int(10 s) cells of 4 pixels on a frame of 256.
CELLS_OF_FULL_STRENGTH = 10
CELLS_A_FRAME = 64


def convert_xraycath(source: Path) -> Conversion:
    """Read the layout, of `XRayCath` or of its `trainval` folder.

    Raises:
        InputError: if folders or files of the layout are missing.
        FaultsError: if listed frames are missing or rows are wrong; lists all of them with their lines.
    """
    folder = source / "trainval" if (source / "trainval").is_dir() else source
    images = files_by_name(folder / "images", [".jpg", ".jpeg", ".png"])
    masks = files_by_name(folder / "masks", [".png", ".jpg", ".jpeg"])
    faults: list[CatheterError] = []
    listed = list(listed_names(folder / "imagesets", SETS, {"image": images, "mask": masks}, faults))
    blobs = _read_blobs(folder / "csv" / "blob.csv", images, faults)
    if faults:
        raise faults_in(source, faults)
    frames = [
        SourceFrame(
            name=images[key].stem,
            image=images[key],
            case=images[key].stem,
            read_mask=partial(read_smeared_mask, masks[key]),
            mask_file=masks[key],
            electrodes=_electrodes(blobs[key], images[key]),
            split=split,
        )
        for key, split in listed
    ]
    about_cases = (
        "the layout tells no patients: its own sets are kept, every frame is a case, "
        "and frames of one patient may be in both sets"
    )
    return Conversion(frames, list(_remarks(frames, len(images))), about_cases)


def _remarks(frames: list[SourceFrame], images: int) -> Iterator[str]:
    without = sum(not frame.electrodes for frame in frames)
    if without:
        yield f"{without} frames have no row in blob.csv: they count as annotated, without electrodes"
    if images > len(frames):
        yield f"{images - len(frames)} images are in no list and are left out"


def _read_blobs(
    path: Path, images: dict[str | int, Path], faults: list[CatheterError]
) -> dict[str | int, list[tuple[float, float, float]]]:
    """Read centre x, centre y and strength of every electrode, by the name of its image."""
    blobs: dict[str | int, list[tuple[float, float, float]]] = defaultdict(list)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or [])]
            if missing:
                raise InputError("columns are missing", source=path, found=rows.fieldnames, expected=", ".join(COLUMNS))
            for row in rows:
                problem = _row_problem(row, images)
                if problem is None:
                    x, y, strength = (float(row[column]) for column in COLUMNS[1:])
                    blobs[name_key(row["imageId"])].append((x, y, strength))
                else:
                    faults.append(InputError(problem, source=path, field=f"line {rows.line_num}"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"the table of electrodes cannot be read ({error})", source=path) from error
    return blobs


def _row_problem(row: dict[str, str | None], images: dict[str | int, Path]) -> str | None:
    if name_key(row["imageId"] or "") not in images:
        return f"imageId {row['imageId']!r}: there is no such image"
    for column in COLUMNS[1:]:
        try:
            value = float(row[column] or "")
        except ValueError:
            return f"{column} {row[column]!r}: no number"
        if not 0 <= value <= 1:
            return f"{column} {value:g}: not from 0 to 1"
    return None


def _electrodes(blobs: list[tuple[float, float, float]], image: Path) -> list[dict[str, Any]]:
    rows, columns = read_size(image)
    electrodes = []
    for x, y, strength in blobs:
        cells = 2 * max(1, int(CELLS_OF_FULL_STRENGTH * strength))
        electrodes.append(
            {
                "x": x * columns - 0.5,
                "y": y * rows - 0.5,
                "width": cells * columns / CELLS_A_FRAME,
                "height": cells * rows / CELLS_A_FRAME,
            }
        )
    return electrodes
