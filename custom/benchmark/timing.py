"""Times of calls that take turns, so that whatever else the machine does disturbs all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

import torch
from tqdm import tqdm

Key = TypeVar("Key")
WARM_UP = 2


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one call, of several that were timed.

    Attributes:
        minimum: the least, which other processes disturb least.
        median: the middle one.
    """

    minimum: float
    median: float


def time_interleaved(calls: Mapping[Key, Callable[[], Any]], *, rounds: int) -> dict[Key, Timing]:
    """Make every call once a round, after two rounds that are not timed; CUDA is waited for.

    Args:
        calls: by name, or by what else tells them apart.
        rounds: that are timed.
    """
    times: dict[Key, list[float]] = {name: [] for name in calls}
    for round_number in tqdm(range(WARM_UP + rounds), desc="measure", unit="round", disable=None):
        for name, call in calls.items():
            seconds = _seconds(call)
            if round_number >= WARM_UP:
                times[name].append(1e3 * seconds)
    return {name: Timing(min(values), median(values)) for name, values in times.items()}


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started
