"""Names as users give them to commands and configs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def given_names(names: str | float | Iterable[str]) -> list[str]:
    """Return the names of one text with commas between them, or of several; what looks like a number is one name."""
    if isinstance(names, str):
        return [name.strip() for name in names.split(",")]
    return [str(name) for name in names] if isinstance(names, Iterable) else [str(names)]


def suggested_options(name: str, known: Iterable[str]) -> str:
    """Return a remedy for an option that is not known: those most like it, or else all."""
    options = sorted(known)
    near = difflib.get_close_matches(name, options, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(f'--{key}' for key in near)}" if near else f"Known are: {', '.join(options)}"
