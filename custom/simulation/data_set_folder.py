"""The folder of a simulated data set: what is where in it, and how a new data set takes an earlier one's place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from custom.data.datalist import DATALIST_FILE, read_json
from custom.data.frame_facts import SIMULATION_RECORD
from custom.errors import InputError

IMAGES, MASKS = "images", "masks"


def frame_name(sequence: str, frame: int) -> str:
    """Name a frame's picture, and its mask."""
    return f"{sequence}_{frame:04d}.png"


def cine_name(sequence: str) -> str:
    """Name a sequence's DICOM file."""
    return f"{sequence}.dcm"


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
            for path in (output / DATALIST_FILE, *earlier):
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
    if not (output / SIMULATION_RECORD).is_file():
        raise InputError(
            "the folder is not empty and holds no simulated data set", source=output, remedy="Choose another folder"
        )
    if not overwrite:
        raise InputError("the folder holds a simulated data set", source=output, remedy="Add --overwrite to replace it")


def _frame_files(folder: Path) -> list[Path]:
    """Where the frames and masks of the data set in a folder are, by its record: the datalist may be edited."""
    path = folder / SIMULATION_RECORD
    if not path.is_file():
        return []
    record = read_json(path)
    try:
        names = [Path(sequence["sequence"]).name for sequence in record["sequences"]]
        frames = [frame_name(name, frame) for name in names for frame in range(record["frames"])]
    except (KeyError, TypeError) as error:
        raise InputError("is no record of a simulated data set", source=path, remedy="Choose another folder") from error
    files = [folder / part / name for part in (IMAGES, MASKS) for name in frames]
    return files + [folder / IMAGES / cine_name(name) for name in names]


def _move_into(source: Path, target: Path) -> None:
    """Move files: the record comes first, by which they can be removed, and the datalist last."""
    files = [path for path in source.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: (path.name == DATALIST_FILE, path.name != SIMULATION_RECORD, path)):
        destination = target / path.relative_to(source)
        destination.parent.mkdir(parents=True, exist_ok=True)
        path.replace(destination)
