"""Errors for people: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from custom.wording import counted


class CatheterError(Exception):
    """Base of every error that a user can cause; commands print it without a traceback and exit with 2."""

    exit_code = 2


class InputError(CatheterError):
    """One fault in what the user gave.

    Args:
        problem: what is wrong, as a sentence without a full stop.
        source: the file or option that holds the fault.
        field: the entry or field inside it.
        found: the value found; left out of the message when `None`.
        expected: what would have been right.
        remedy: what the user can do.
    """

    def __init__(
        self,
        problem: str,
        *,
        source: str | Path | None = None,
        field: str | None = None,
        found: Any = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        where = ": ".join(str(part) for part in (source, field) if part is not None)
        message = f"{where}: {problem}" if where else problem
        if found is not None:
            message += f"; found {found!r}"
        if expected is not None:
            message += f"; expected {expected}"
        message += "."
        if remedy is not None:
            message += f" {remedy}."
        super().__init__(message)


class FaultsError(CatheterError):
    """Several faults, found together and listed together.

    Args:
        summary: the line above the list.
        faults: one fault each, in the order in which they stand in the input.
    """

    def __init__(self, summary: str, faults: Sequence[CatheterError]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join([summary, *(f"  - {fault}" for fault in self.faults)]))


def faults_in(source: str | Path, faults: Sequence[CatheterError]) -> FaultsError:
    """Return the error of a file or folder that has faults."""
    return FaultsError(f"{source}: {counted(len(faults), 'fault')}", faults)
