"""Names as users give them to commands and configs."""

from __future__ import annotations

from collections.abc import Iterable


def given_names(names: str | Iterable[str]) -> list[str]:
    """Return the names of one text with commas between them, or of several."""
    return names.split(",") if isinstance(names, str) else list(names)
