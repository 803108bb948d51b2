"""A JSON object whose last list grows while it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from custom.files import PendingStream


class JsonStream(PendingStream):
    """Writes `{...head, key: [item, ...], ...tail}` item by item, so that memory does not grow with the list.

    Args:
        path: the final path.
        head: what comes before the list.
        key: of the list.
    """

    def __init__(self, path: Path, head: dict[str, Any], key: str) -> None:
        super().__init__(path)
        self.file.write(f"{_text(head)[:-1]},\n{json.dumps(key)}: [")
        self._separator = "\n"

    def add(self, item: Any) -> None:
        """Append an item to the list."""
        self.file.write(self._separator + _text(item))
        self._separator = ",\n"

    def finish(self, tail: dict[str, Any]) -> Path:
        """End the list, write what comes after it, and move the file into place."""
        self.file.write(f"\n],\n{_text(tail)[1:]}\n")
        self.keep()
        return self.path


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
