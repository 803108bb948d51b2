"""What a resumed run must share with the run that it goes on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn


class RunIdentity:
    """Settings and training frames of a run, as text that a checkpoint can hold.

    Args:
        settings: values by name; components count with their class and their plain attributes.
        data: the training entries.
    """

    def __init__(self, settings: Mapping[str, Any], data: Sequence[Mapping[str, Any]]) -> None:
        self.settings = {name: describe(value) for name, value in settings.items()}
        self.samples = [f"{entry['image']} frame {entry.get('frame', 0)}" for entry in data]

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"settings": self.settings, "samples": self.samples}

    def difference(self, saved: Mapping[str, Any]) -> str | None:
        """Say what differs from a saved state, the first setting or the list of frames; `None` where nothing does."""
        for name, value in self.settings.items():
            if name not in saved["settings"]:
                return f"it was written by a version that did not note {name}"
            found = saved["settings"][name]
            if found != value:
                return f"{name} was {found} and is now {value}"
        if saved["samples"] == self.samples:
            return None
        gone, new = set(saved["samples"]) - set(self.samples), set(self.samples) - set(saved["samples"])
        example = next(iter(sorted(gone | new)), "the order of the entries")
        return f"the training list changed: {len(gone)} frames are gone and {len(new)} are new, first {example}"


def describe(value: Any) -> str:
    """Describe a setting: plain values as they are, a component by its class and what was set on it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {describe(item)}" for name, item in value.items()) + "}"
    if _is_plain(value):
        return repr(value)
    if isinstance(value, torch.Tensor):
        return repr(value.tolist())
    attributes = {name: item for name, item in vars(value).items() if _is_setting(name, item)}
    plain = ", ".join(f"{name}={describe(item)}" for name, item in sorted(attributes.items()))
    parts = ", ".join(f"{name}: {part!r}" for name, part in value.named_children()) if _has_parts(value) else ""
    return f"{type(value).__name__}({', '.join(text for text in (plain, parts) if text)})"


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str)


def _is_setting(name: str, value: Any) -> bool:
    return (
        not name.startswith("_")
        and name != "training"
        and (_is_plain(value) or isinstance(value, torch.Tensor | Mapping | nn.Module))
    )


def _has_parts(value: Any) -> bool:
    return isinstance(value, nn.Module) and any(True for _ in value.children())
