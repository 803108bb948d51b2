"""Lines for people on the terminal."""

from __future__ import annotations

from rich.console import Console


def print_line(text: str, *, style: str | None = None, error: bool = False) -> None:
    """Print text as it is: in names of files, `[a]` is no style, `:x:` no emoji, and nothing is wrapped.

    Args:
        text: one line, or several.
        style: a colour by name.
        error: on standard error.
    """
    console = Console(stderr=error, emoji=False)
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
