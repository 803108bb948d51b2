"""What is true of the catheters in annotated sequences, in the form in which they are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from custom.data.datalist import Entry
from custom.errors import CatheterError, FaultsError, InputError
from custom.postprocessing.polyline import polyline_length
from custom.postprocessing.result import Catheter, Electrode, FrameResult
from custom.transforms import LoadFramed
from custom.transforms.load import known_spacing
from custom.wording import counted

BORDER_PIXELS = 3.0
MOST_FAULTS = 20
IMAGE_KEYS = ("image", "frame", "pixel_spacing_mm", "spacing_plane")
_Numbers = defaultdict[Hashable, int]  # of tracks, by catheter, or by catheter and pole


def annotated_sequences(entries: Sequence[Entry], *, source: str | Path, split: str) -> list[list[Entry]]:
    """Group a split's entries into sequences, each in the order of the datalist.

    Args:
        entries: of one split.
        source: the datalist, for messages.
        split: the split, for messages.

    Raises:
        FaultsError: if entries lack the mask, the electrodes with their catheter and pole, the catheters or the
            sequence.
    """
    faults = [fault for index, entry in enumerate(entries) for fault in _faults(entry, source, f"{split}[{index}]")]
    if faults:
        number = counted(len(faults), "fault")
        summary = f"{source}: catheters can be evaluated on fully annotated sequences only; {number}"
        rest = [CatheterError(f"... and {len(faults) - MOST_FAULTS} more")] if len(faults) > MOST_FAULTS else []
        raise FaultsError(summary, faults[:MOST_FAULTS] + rest)
    sequences: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        sequences[entry["case"], entry["sequence"]].append(entry)
    return list(sequences.values())


def _faults(entry: Entry, source: str | Path, place: str) -> Iterator[CatheterError]:
    needed = {
        "mask": "a mask file",
        "electrodes": "the frame's electrodes",
        "catheters": "the frame's catheters",
        "sequence": "the sequence's name",
    }
    for key, expected in needed.items():
        if entry.get(key) is None:
            yield InputError("missing", source=source, field=f"{place}.{key}", expected=expected)
    for index, electrode in enumerate(entry.get("electrodes") or []):
        if "catheter" in electrode and "pole" not in electrode:
            expected = "its index on its catheter from the tip"
            yield InputError("missing", source=source, field=f"{place}.electrodes[{index}].pole", expected=expected)


def true_frames(sequence: Sequence[Entry]) -> Iterator[FrameResult]:
    """Load a sequence's annotation frame by frame.

    Args:
        sequence: entries with absolute paths.

    Yields:
        For each entry the truth as a `FrameResult`. Tracks come from the ids and poles of the datalist; `tip_known`
        tells whether the tip is in view: its first electrode, where it has any, and a point off the frame's border.

    Raises:
        InputError: a file cannot be read.
    """
    numbers: _Numbers = defaultdict(count().__next__)
    for index, entry in enumerate(sequence):
        loaded = LoadFramed()(entry)
        spacing, plane = known_spacing(loaded)
        mask = np.asarray(loaded["mask"][0])
        electrodes = _electrodes(entry, numbers)
        yield FrameResult(
            source=_name(entry),
            path=entry["image"],
            frame_index=index,
            frames=len(sequence),
            pixels=np.asarray(loaded["image"][0]),
            mask=mask,
            electrodes=electrodes,
            catheters=tuple(_catheters(entry, electrodes, numbers, mask.shape)),
            pixel_spacing_mm=spacing,
            spacing_plane=plane,
        )


def unlabelled_frames(sequences: Sequence[Sequence[Entry]]) -> list[dict[str, Any]]:
    """What the network may see of each frame, as `FrameStream` gives it to its transform."""
    return [
        {
            **{key: entry[key] for key in IMAGE_KEYS if key in entry},
            "path": entry["image"],
            "source": _name(entry),
            "frame_index": index,
            "frames": len(sequence),
        }
        for sequence in sequences
        for index, entry in enumerate(sequence)
    ]


def _name(entry: Entry) -> str:
    return f"{entry['case']}/{entry['sequence']}"


def _electrodes(entry: Entry, numbers: _Numbers) -> tuple[Electrode, ...]:
    ids = [catheter["id"] for catheter in entry["catheters"]]
    return tuple(
        Electrode(
            x=item["x"],
            y=item["y"],
            width=item["width"],
            height=item["height"],
            score=1.0,
            catheter=ids.index(item["catheter"]) if "catheter" in item else None,
            pole=item.get("pole"),
            track=numbers[item["catheter"], item["pole"]] if "catheter" in item else None,
        )
        for item in entry["electrodes"]
    )


def _catheters(
    entry: Mapping[str, Any], electrodes: Sequence[Electrode], numbers: _Numbers, shape: tuple[int, ...]
) -> Iterable[Catheter]:
    for number, item in enumerate(entry["catheters"]):
        line = np.array(item["centerline"], dtype=float).reshape(-1, 2)
        own = [index for index, electrode in enumerate(electrodes) if electrode.catheter == number]
        poles = {electrodes[index].pole: index for index in own}
        yield Catheter(
            id=number,
            type=item["type"],
            type_confidence=1.0,
            centerline=line,
            tip_known=len(line) > 0 and _off_border(line[0], shape) and (not poles or 0 in poles),
            electrodes=tuple(sorted(own, key=lambda index: electrodes[index].pole or 0)),
            length_px=polyline_length(line),
            length_mm=None,
            confidence=1.0,
            track=numbers[item["id"]],
        )


def _off_border(point: np.ndarray, shape: tuple[int, ...]) -> bool:
    last = np.array([shape[1] - 1, shape[0] - 1])
    return bool(np.minimum(point, last - point).min() > BORDER_PIXELS)
