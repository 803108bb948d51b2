"""A JSON object whose last list grows while it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from custom.files import PendingStream


class JsonStream:
    """Writes `{...head, key: [item, ...], ...tail}` item by item, so that memory does not grow with the list.

    Args:
        path: the final path.
        head: what comes before the list.
        key: of the list.
    """

    def __init__(self, path: Path, head: dict[str, Any], key: str) -> None:
        self._pending = PendingStream(path)
        self._pending.file.write(f"{_text(head)[:-1]},\n{json.dumps(key)}: [")
        self._separator = "\n"

    def add(self, item: Any) -> None:
        """Append an item to the list."""
        self._pending.file.write(self._separator + _text(item))
        self._separator = ",\n"

    def keep(self, tail: dict[str, Any]) -> Path:
        """End the list, write what comes after it, and move the file into place."""
        self._pending.file.write(f"\n],\n{_text(tail)[1:]}\n")
        self._pending.keep()
        return self._pending.path

    def discard(self) -> None:
        """Remove the file, unless it is in place."""
        self._pending.discard()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
