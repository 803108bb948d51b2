"""What a resumed run must share with the run that it goes on with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from inspect import isroutine
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from custom.data.datalist import BOX_KEYS
from custom.errors import InputError
from custom.files import file_sha256
from custom.wording import counted

STATE_ATTRIBUTES = {"training", "rank", "world_size"}


class RunIdentity:
    """Settings and frames of a run, as text that a checkpoint can hold.

    Args:
        settings: values by name; components count with their class and their public attributes.
        data: the entries of the datalist. Their images, and their labels as far as training reads them, count too.

    Raises:
        InputError: where a file of an entry cannot be read.
    """

    def __init__(self, settings: Mapping[str, Any], data: Sequence[Mapping[str, Any]]) -> None:
        self.names = list(settings)
        self.settings = describe(settings)
        self.samples = [f"{entry['image']} frame {entry.get('frame', 0)}" for entry in data]
        digest = cache(_file_digest)  # many frames may lie in one file
        self.contents = [_content(entry, digest) for entry in data]

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"settings": self.settings, "samples": self.samples, "contents": self.contents}

    def difference(self, saved: Mapping[str, Any]) -> str | None:
        """Say what differs from a saved state, the first setting or frame; `None` where nothing does."""
        differences = (self._unnoted_setting, self._changed_list, self._changed_setting, self._changed_content)
        return next((found for difference in differences if (found := difference(saved))), None)

    def _unnoted_setting(self, saved: Mapping[str, Any]) -> str | None:
        noted = {name.partition(".")[0] for name in saved["settings"]}
        unnoted = [name for name in self.names if name not in noted]
        return f"it was written by a version that did not note {unnoted[0]}" if unnoted else None

    def _changed_list(self, saved: Mapping[str, Any]) -> str | None:
        if saved["samples"] == self.samples:
            return None
        gone, new = set(saved["samples"]) - set(self.samples), set(self.samples) - set(saved["samples"])
        example = next(iter(sorted(gone | new)), "the order of the entries")
        return f"the list of frames changed: {len(gone)} frames are gone and {len(new)} are new, first {example}"

    def _changed_setting(self, saved: Mapping[str, Any]) -> str | None:
        return first_change(saved["settings"], self.settings, absent="not set")

    def _changed_content(self, saved: Mapping[str, Any]) -> str | None:
        pairs = zip(self.samples, saved["contents"], self.contents, strict=True)
        changed = [(sample, before, now) for sample, before, now in pairs if before != now]
        if not changed:
            return None
        sample, before, now = changed[0]
        parts = [name for name in now if now[name] != before.get(name)]
        return f"{counted(len(changed), 'frame')} changed, first {sample}: {' and '.join(parts)}"


def first_change(saved: Mapping[str, str], now: Mapping[str, str], *, absent: str) -> str | None:
    """Say what the first description that differs was and is; `absent` stands for one that is not there."""
    for name in {**now, **saved}:
        before, after = (descriptions.get(name, absent) for descriptions in (saved, now))
        if before != after:
            return f"{name} was {before} and is now {after}"
    return None


def describe(settings: Mapping[str, Any]) -> dict[str, str]:
    """Describe settings: plain values as they are, a component by its class and, by name, what was set on it."""
    seen: set[int] = set()
    return dict(line for name, value in settings.items() for line in _lines(name, value, seen))


def layers_without_weights(network: nn.Module) -> dict[str, str]:
    """Describe, by name, the layers that leave nothing in a state dict: dropout, activations and the like."""
    return {
        name: repr(layer)
        for name, layer in network.named_modules()
        if not list(layer.children()) and not layer.state_dict()
    }


def _lines(name: str, value: Any, seen: set[int]) -> Iterator[tuple[str, str]]:
    """Names and texts of a value and of its parts; a component that is met again is left out."""
    if _is_plain(value):
        yield name, repr(value)
    elif isinstance(value, torch.Tensor):
        yield name, repr(value.tolist())
    elif id(value) not in seen:
        if hasattr(value, "__dict__"):
            seen.add(id(value))
        yield name, type(value).__name__
        for part, item in _parts(value):
            if not isroutine(item) and not isinstance(item, nn.Parameter):
                yield from _lines(f"{name}.{part}", item, seen)


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, list | tuple):
        return enumerate(value)
    if isinstance(value, Optimizer):
        return enumerate(_starting_groups(value))
    children = value.named_children() if isinstance(value, nn.Module) else ()
    public = {name: item for name, item in getattr(value, "__dict__", {}).items() if not name.startswith("_")}
    return [(name, public[name]) for name in sorted(public.keys() - STATE_ATTRIBUTES)] + list(children)


def _starting_groups(optimizer: Optimizer) -> list[dict[str, Any]]:
    """The optimizer's groups of parameters with the rates that they start with, before the schedule sets them."""
    return [{**group, "lr": group.get("initial_lr", group["lr"]), "params": ()} for group in optimizer.param_groups]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str | Path | Enum)


def _content(entry: Mapping[str, Any], digest: Callable[[str], str]) -> dict[str, Any]:
    """What training reads of an entry."""
    mask, electrodes = entry.get("mask", entry.get("label")), entry.get("electrodes")  # MONAI Label's masks are labels
    return {
        "image": digest(entry["image"]),
        "mask": None if mask is None else digest(mask),
        "electrodes": None if electrodes is None else [[float(box[key]) for key in BOX_KEYS] for box in electrodes],
        "pixel_spacing_mm": entry.get("pixel_spacing_mm"),
        "spacing_plane": entry.get("spacing_plane"),
    }


def _file_digest(path: str) -> str:
    try:
        return file_sha256(Path(path))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", source=path) from error
