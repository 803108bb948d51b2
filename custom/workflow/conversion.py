"""Data sets of other layouts as a bundle's data, without a step before the training."""

from __future__ import annotations

import logging
from pathlib import Path

import ignite.distributed as idist

from custom.data.converters.conversion import write_conversion
from custom.data.converters.layouts import find_converter
from custom.data.datalist import DATALIST_FILE, SPLITS, read_datalist
from custom.errors import CatheterError, InputError
from custom.files import absolute_path, writing_into


def converted_datalist(
    *,
    layout: str,
    source: str | Path,
    output: str | Path,
    validation: float | None = None,
    test: float | None = None,
    seed: int = 0,
) -> str:
    """Convert a data set as `catheter convert` does; of several processes the first one does it.

    Images stay where they are. The conversion is done anew each time, so that it never lags behind the data set.

    Args:
        layout: `duke`, `ucl`, ...; see `custom.data.converters`.
        source: the folder of the data set.
        output: folder for the masks and the datalist.
        validation: share of frames for validation; see `write_conversion`.
        test: share of frames for the test split, likewise.
        seed: of the choice of cases.

    Returns:
        The path of the datalist.

    Raises:
        InputError: where the folder has another layout, or `output` cannot be written, or holds a datalist that is no
            earlier conversion of this data set.
        FaultsError: where files are missing or broken; lists all of them.
    """
    datalist = Path(output) / DATALIST_FILE
    if idist.get_rank() == 0:
        conversion = find_converter(layout)(Path(source))
        _check_own(datalist, Path(source))
        with writing_into(output):
            write_conversion(conversion, Path(output), validation=validation, test=test, seed=seed, overwrite=True)
        for remark in conversion.all_remarks():
            logging.getLogger("catheter.data").info(f"{source}: {remark}")
    idist.barrier()
    return str(datalist)


def _check_own(datalist: Path, source: Path) -> None:
    if datalist.is_file() and not _lists_only(datalist, {absolute_path(source), source.resolve()}):
        raise InputError(
            "the conversion would replace this datalist, which does not come from the data set",
            source=datalist,
            expected=f"images in {source} alone",
            remedy="Choose another folder with --output_dir",
        )


def _lists_only(datalist: Path, source: set[Path]) -> bool:
    """Whether a datalist has images, and all of them lie in a folder, by whatever path."""
    try:
        listed = read_datalist(datalist)
    except CatheterError:
        return False
    images = [absolute_path(Path(entry["image"])) for name in SPLITS for entry in listed.split(name)]
    return bool(images) and all(source & set(image.parents) for image in images)
