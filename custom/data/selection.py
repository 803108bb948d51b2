"""Which frames are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from custom.errors import InputError

Item = TypeVar("Item")


def evenly_spread(entries: Sequence[Item], count: int | None) -> list[Item]:
    """`count` of the entries, evenly spread over them; all where there are no more, or where it is `None`.

    Raises:
        InputError: where `count` is less than one.
    """
    if count is not None and count < 1:
        raise InputError("too few", field="frames", found=count, expected="1 or more")
    if count is None or count >= len(entries):
        return list(entries)
    return [entries[index] for index in np.linspace(0, len(entries) - 1, count).round().astype(int)]
