"""Frames, and electrodes, that have something in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from custom.metrics.frame_record import FrameRecord
from custom.metrics.statistics import error_statistics, ratio
from custom.metrics.summary import FARTHEST_MATCH_PIXELS, TOLERANCES
from custom.values import is_number

MOST_VALUES = 8
QUARTERS = (0.25, 0.5, 0.75)


def group_frames(facts: Sequence[Mapping[str, Any]], key: str) -> dict[str, list[int]]:
    """Group frames by what they have in common.

    Numbers of more than eight values are cut into four groups with about as many frames. A list, such as the devices in
    view, puts a frame into several groups.

    Args:
        facts: of each frame, as `custom.data.frame_facts` gives them.
        key: the fact; a frame that lacks it is in no group.

    Returns:
        Positions of the frames in each group, by the group's name.
    """
    known = {index: values[key] for index, values in enumerate(facts) if key in values}
    if _is_continuous(list(known.values())):
        return _quarters(known)
    items = [
        (item, index) for index, value in known.items() for item in (value if isinstance(value, list) else [value])
    ]
    shown = _shown_apart([item for item, _ in items if isinstance(item, float)], digits=6)
    groups: dict[str, list[int]] = {}
    for item, index in sorted(items, key=lambda pair: _order(pair[0])):
        groups.setdefault(shown[item] if isinstance(item, float) else str(item), []).append(index)
    return groups


def electrode_numbers(records: Sequence[FrameRecord], counted: Sequence[np.ndarray]) -> dict[str, float]:
    """Recall and errors of some of the electrodes; a false alarm belongs to none of them, so there is no precision.

    Args:
        records: of the frames.
        counted: (N,) bool for each frame, which of its true electrodes count.

    Returns:
        `electrodes`, their number, and `recall_...` and `error_...` as in `custom.metrics.summarize`.
    """
    own = [(record, chosen) for record, chosen in zip(records, counted, strict=True) if record.true_boxes is not None]
    numbers: dict[str, float] = {"electrodes": sum(int(chosen.sum()) for _, chosen in own)}
    for tolerance, unit in TOLERANCES:
        measured = [(record, chosen) for record, chosen in own if record.has_labels(unit)]
        matched = sum(int(chosen[record.matches(tolerance, unit)[0]].sum()) for record, chosen in measured)
        numbers[f"recall_{tolerance:g}{unit}"] = ratio(matched, sum(int(chosen.sum()) for _, chosen in measured))
    return numbers | _errors(own)


def _errors(own: Sequence[tuple[FrameRecord, np.ndarray]]) -> dict[str, float]:
    in_px, in_mm = [], []
    for record, chosen in own:
        true, vectors = record.matches(FARTHEST_MATCH_PIXELS)
        in_px.append(vectors[chosen[true]])
        in_mm.append(in_px[-1] * record.mm_per_pixel)
    return error_statistics("error", in_px, in_mm)


def _is_continuous(values: Sequence[Any]) -> bool:
    return all(map(is_number, values)) and len(set(values)) > MOST_VALUES


def _quarters(known: Mapping[int, float]) -> dict[str, list[int]]:
    values = np.array(list(known.values()), dtype=float)
    edges = [float(values.min()), *np.quantile(values, QUARTERS).tolist(), float(values.max())]
    quarter = np.searchsorted(edges[1:-1], values, side="left")
    shown = _shown_apart(edges, digits=4)
    names = [f"{shown[low]} to {shown[high]}" for low, high in pairwise(edges)]
    frames = np.array(list(known))
    return {name: frames[quarter == number].tolist() for number, name in enumerate(names) if (quarter == number).any()}


def _shown_apart(numbers: Sequence[float], *, digits: int) -> dict[float, str]:
    """Numbers as text, with so many digits or as many more as tell them apart."""
    shown = {number: f"{number:.{digits}g}" for number in numbers}
    return shown if len(set(shown.values())) == len(shown) else _shown_apart(numbers, digits=digits + 1)


def _order(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, str), value)
