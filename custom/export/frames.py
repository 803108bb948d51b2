"""Frames on which an export is calibrated and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from tqdm import tqdm

from custom.data import evenly_spread, read_datalist
from custom.errors import InputError
from custom.simulation.config import load_config
from custom.simulation.dataset import SimulatedDataset, SimulatedSequences
from custom.transforms import NormalizeFramed

CHECKED, CALIBRATION = 50, 64
SEED = 20_071  # no training or test data are drawn from it
SIZE = 256
Preprocessing = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class CheckFrame:
    """A frame on the network's grid.

    Attributes:
        image: (1, 1, H, W) float32, normalised.
        mask: (1, 1, H, W) bool; `None` where it is not annotated.
    """

    image: torch.Tensor
    mask: torch.Tensor | None


def simulated_frames(count: int, *, first: int = 0) -> list[CheckFrame]:
    """Simulate frames of 256 x 256, each of another sequence, always the same.

    Args:
        count: how many.
        first: number of the first sequence.
    """
    sequences = SimulatedSequences(load_config(), seed=SEED, size=SIZE, sequences=first + count, frames=1, plans_kept=1)
    frames = SimulatedDataset(sequences, range(first, first + count))
    normalize = NormalizeFramed()
    chosen = tqdm(range(count), "simulate", unit="frame", disable=None)
    return [_frame(normalize(frames[index])) for index in chosen]


def find_frames(
    datalist: str | None, preprocessing: Preprocessing, *, count: int, calibrates: bool = False
) -> list[CheckFrame]:
    """Take frames of a datalist, or simulate them without one; those that calibrate are not those that check."""
    if datalist is None:
        return simulated_frames(count, first=CHECKED if calibrates else 0)
    return datalist_frames(datalist, preprocessing, count=count, calibrates=calibrates)


def datalist_frames(path: str, preprocessing: Preprocessing, *, count: int, calibrates: bool) -> list[CheckFrame]:
    """Read frames of a datalist, spread over a split: the training frames calibrate, others check.

    Args:
        path: of the datalist.
        preprocessing: from an entry to the network's grid.
        count: at most so many.
        calibrates: take the training frames; the test frames otherwise, or those for validation where there are none.

    Raises:
        InputError: there are no such frames, or they cannot be read.
    """
    splits = ("training",) if calibrates else ("test", "validation")
    datalist = read_datalist(path)
    entries = next((entries for split in splits if (entries := datalist.split(split))), None)
    if entries is None:
        raise InputError("there are no frames to use", source=path, field=" or ".join(splits))
    chosen = tqdm(evenly_spread(entries, count), "read", unit="frame", disable=None)
    return [_frame(preprocessing(entry)) for entry in chosen]


def _frame(item: Mapping[str, Any]) -> CheckFrame:
    mask = item.get("mask")
    image = torch.as_tensor(item["image"]).as_subclass(torch.Tensor)
    return CheckFrame(image[None].float(), None if mask is None else torch.as_tensor(mask)[None] > 0)
