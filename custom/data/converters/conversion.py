"""How what a converter gives back becomes a datalist."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from custom.data.converters.mask_files import check_mask_paths, mask_path, with_own_names, write_masks
from custom.data.converters.source_frame import Conversion, SourceFrame
from custom.data.datalist import DATALIST_FILE, SPLITS, Entry, write_datalist
from custom.data.splits import split_cases
from custom.errors import FaultsError, InputError
from custom.files import absolute_path

DEFAULT_SHARE = 0.15


def write_conversion(
    conversion: Conversion,
    output: Path,
    *,
    validation: float | None,
    test: float | None,
    seed: int,
    overwrite: bool = False,
) -> dict[str, int]:
    """Write masks and `datalist.json`; images stay where they are.

    Args:
        conversion: what a converter gave back.
        output: the folder.
        validation: share of frames for validation. `None` for both shares keeps the layout's own splits where every
            frame has one.
        test: share of frames for the test split.
        seed: of the choice of cases.
        overwrite: replace masks that are there; never those of the source.

    Returns:
        How many frames each split has.

    Raises:
        InputError: if there are no frames, a mask would be written over a file that is not to be lost, the layout's
            own splits divide cases, or the shares cannot be had.
        FaultsError: if frames occur twice, or masks are broken or have another size than their images; then nothing is
            written.
    """
    frames = with_own_names(conversion.frames)
    if not frames:
        raise InputError("the source has no frames")
    _check_duplicates(frames)
    check_mask_paths(frames, output, overwrite=overwrite)
    splits = _splits(frames, validation, test, seed)
    write_masks(frames, output)
    entries: dict[str, list[Entry]] = {name: [] for name in SPLITS}
    for frame, split in zip(frames, splits, strict=True):
        entries[split].append(_entry(frame, output))
    write_datalist(output / DATALIST_FILE, entries)
    return {name: len(found) for name, found in entries.items()}


def _check_duplicates(frames: Sequence[SourceFrame]) -> None:
    seen: set[tuple[Path, int]] = set()
    faults = []
    for frame in frames:
        index = frame.more.get("frame", 0)
        key = (absolute_path(frame.image), index)
        if key in seen:
            faults.append(InputError("the source has this frame twice", source=frame.image, field=f"frame {index}"))
        seen.add(key)
    if faults:
        raise FaultsError("frames occur twice", faults)


def _splits(frames: Sequence[SourceFrame], validation: float | None, test: float | None, seed: int) -> list[str]:
    own = [frame.split for frame in frames if frame.split is not None]
    if validation is None and test is None and len(own) == len(frames):
        _check_cases(frames)
        return own
    by_case = split_cases(
        [frame.case for frame in frames],
        validation=DEFAULT_SHARE if validation is None else validation,
        test=DEFAULT_SHARE if test is None else test,
        seed=seed,
    )
    return [by_case[frame.case] for frame in frames]


def _check_cases(frames: Sequence[SourceFrame]) -> None:
    splits: dict[str, str | None] = {}
    for frame in frames:
        if splits.setdefault(frame.case, frame.split) != frame.split:
            remedy = "Use --validation and --test to split by case"
            raise InputError("the layout's own splits divide cases", found=frame.case, remedy=remedy)


def _entry(frame: SourceFrame, output: Path) -> Entry:
    return {
        "image": str(frame.image.absolute()),
        "mask": str(mask_path(frame, output).absolute()) if frame.read_mask else None,
        "electrodes": frame.electrodes,
        "case": frame.case,
        **frame.more,
    }
