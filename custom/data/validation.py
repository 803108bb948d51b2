"""Check a datalist, and everything that it names, before anything is trained on it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tqdm import tqdm

from custom.data.checked_entry import CheckedEntry
from custom.data.datalist import SPLITS, absolute, read_json
from custom.data.datalist_fields import DATALIST, ENTRY
from custom.data.entry_checks import check_cases, check_duplicates, check_entry
from custom.data.field_checks import object_faults, unknown_keys
from custom.data.file_checks import check_files
from custom.data.summary import DatalistSummary, SplitSummary, summarize_split
from custom.errors import InputError, faults_in
from custom.wording import counted

MAX_THREADS = 8


def validate_datalist(path: str | Path) -> DatalistSummary:
    """Check everything that `docs/datalist.md` asks of a datalist, and every image and mask that it names.

    Args:
        path: the JSON file.

    Returns:
        What is in each split that has entries, and warnings.

    Raises:
        InputError: if the file is missing or not JSON.
        FaultsError: with every fault, entry by entry.
    """
    path = Path(path)
    document = read_json(path)
    split_faults = list(_split_faults(document, path))
    entries = list(_entries(document, path))
    sound = [checked for checked in entries if not checked.faults]
    _check_entries(sound)
    faults = split_faults + [fault for checked in entries for fault in checked.faults]
    if faults:
        raise faults_in(path, faults)
    return _summary(document, entries)


def check_datalist(path: str | Path | None) -> None:
    """Validate a datalist before training; warnings go to the log.

    Args:
        path: the datalist; `None` where the frames come from elsewhere, as in MONAI Label.

    Raises:
        InputError, FaultsError: as `validate_datalist`.
    """
    if path is None:
        return
    logger = logging.getLogger("catheter.data")
    summary = validate_datalist(path)
    for warning in summary.warnings:
        logger.warning(f"{path}: {warning}")
    for name, split in summary.splits.items():
        logger.info(f"{name}: {split.frames} frames of {split.cases} cases")


def _split_faults(document: Any, path: Path) -> Iterator[InputError]:
    shallow = {key: rule.without_items() for key, rule in DATALIST.items()}
    faults = list(object_faults(document, shallow, "", path))
    if not faults and not any(_split(document, split) for split in SPLITS):
        faults = [InputError("no split has entries", source=path)]
    yield from faults
    for split in SPLITS:
        entries = _split(document, split)
        if entries and not any(_is_annotated(entry) for entry in entries):
            problem = "no entry is annotated for any task: mask and electrodes are null everywhere"
            yield InputError(problem, source=path, field=split)


def _entries(document: Any, path: Path) -> Iterator[CheckedEntry]:
    """Yield every entry; those whose fields are right have absolute paths, the others their faults."""
    folder = path.parent.resolve()
    for split in SPLITS:
        for index, content in enumerate(_split(document, split)):
            checked = CheckedEntry(path, split, index, content)
            checked.faults.extend(object_faults(content, ENTRY, checked.place, path))
            if not checked.faults:
                checked.content = absolute(content, folder)
            yield checked


def _check_entries(sound: Sequence[CheckedEntry]) -> None:
    for checked in sound:
        check_entry(checked)
    check_duplicates(sound)
    check_cases(sound)
    with ThreadPoolExecutor(min(MAX_THREADS, os.cpu_count() or 1)) as pool:
        for _ in tqdm(pool.map(check_files, sound), "validate", len(sound), unit="frame", disable=None):
            pass


def _summary(document: dict[str, Any], entries: Sequence[CheckedEntry]) -> DatalistSummary:
    by_split = {split: [checked for checked in entries if checked.split == split] for split in SPLITS}
    warnings = [f"{place}: unknown key, ignored" for place in unknown_keys(document, DATALIST)]
    warnings += [warning for checked in entries for warning in checked.warnings]
    splits = {split: summarize_split(found) for split, found in by_split.items() if found}
    return DatalistSummary(splits, warnings + list(_not_measured(splits)))


def _not_measured(splits: Mapping[str, SplitSummary]) -> Iterator[str]:
    """Say what is trained and cannot be measured: few cases, split by chance, may leave a split without electrodes."""
    if "training" not in splits:
        return
    for split in list(splits)[1:]:
        for what, trained, measured in (
            ("electrodes", splits["training"].max_electrodes, splits[split].max_electrodes),
            ("masks", splits["training"].masks, splits[split].masks),
        ):
            if trained and not measured:
                frames = counted(splits[split].frames, "frame")
                yield f"{split}: no {what} on its {frames}, but on training's: they cannot be measured there"


def _split(document: Any, split: str) -> list[Any]:
    entries = document.get(split) if isinstance(document, dict) else None
    return entries if isinstance(entries, list) else []


def _is_annotated(entry: Any) -> bool:
    """Tell whether an entry is annotated; one with faults could be."""
    return not isinstance(entry, dict) or any(entry.get(key, "") is not None for key in ("mask", "electrodes"))
