"""A corruption as a dictionary transform."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import RandomizableTrait, Transform
from monai.utils import convert_to_dst_type

from custom.data.datalist import BOX_KEYS
from custom.errors import InputError
from custom.given_names import given_names
from custom.robustness.corruption import Corruption, LabelledFrame
from custom.transforms.normalize import NormalizeFramed
from custom.values import is_index

LEVELS = 255


class CorruptFramed(Transform, RandomizableTrait):
    """Corrupts `image`, `mask` and `electrodes` as `LoadFramed` gives them; comes before `NormalizeFramed`.

    Grey values are mapped to [0, 1] as `NormalizeFramed` does, and stored in 256 levels afterwards. What is random
    depends on the seed, the corruption and the frame's place among those that are evaluated.

    Args:
        corruptions: by name.
        only: names of those that are used; all where it is `None`.
        seed: of what is random, 0 or more.

    Raises:
        InputError: where there is no corruption of a name, or the seed is none.
    """

    def __init__(
        self, corruptions: Mapping[str, Corruption], *, only: str | Sequence[str] | None = None, seed: int = 0
    ) -> None:
        if not is_index(seed):
            raise InputError("is no seed", field="corruption_seed", found=seed, expected="a whole number, 0 or more")
        self.corruptions = corruptions if only is None else _chosen(corruptions, only)
        self.seed = seed
        self.normalize = NormalizeFramed()
        self.selected: tuple[str, float] | None = None

    def select(self, name: str | None, strength: float = 0.0) -> None:
        """Choose what frames go through from now on; `None` leaves them as they are."""
        self.selected = None if name is None else (name, strength)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Corrupt a loaded frame; its `sample_index` tells its random numbers from other frames'."""
        if self.selected is None:
            return dict(data)
        name, strength = self.selected
        random = np.random.default_rng([self.seed, zlib.crc32(name.encode()), data["sample_index"]])
        corrupted = self.corruptions[name](self._labelled(data), strength, random)
        return {**data, **_stored(corrupted, data)}

    def _labelled(self, data: Mapping[str, Any]) -> LabelledFrame:
        pixels = np.asarray(self.normalize(data)["image"])[0]
        mask, electrodes = data.get("mask"), data.get("electrodes")
        boxes = None if electrodes is None else [[item[key] for key in BOX_KEYS] for item in electrodes]
        return LabelledFrame(
            pixels=pixels,
            mask=None if mask is None else np.asarray(mask)[0] > 0,
            boxes=None if boxes is None else np.array(boxes, dtype=float).reshape(-1, 4),
        )


def _chosen(corruptions: Mapping[str, Corruption], only: str | Sequence[str]) -> dict[str, Corruption]:
    names = given_names(only)
    unknown = [name for name in names if name not in corruptions]
    if unknown or not names:
        known = ", ".join(corruptions)
        raise InputError("unknown corruption", field="only", found=(unknown or [""])[0], expected=f"some of {known}")
    return {name: corruptions[name] for name in names}


def _stored(frame: LabelledFrame, data: Mapping[str, Any]) -> dict[str, Any]:
    levels = (frame.pixels.clip(0, 1) * LEVELS).round().astype(np.float32)
    stored: dict[str, Any] = {"image": convert_to_dst_type(torch.from_numpy(levels)[None], data["image"])[0]}
    if frame.mask is not None:
        stored["mask"] = torch.from_numpy(frame.mask[None].astype(np.uint8))
    if frame.boxes is not None:
        stored["electrodes"] = [dict(zip(BOX_KEYS, box, strict=True)) for box in frame.boxes.tolist()]
    return stored
