"""A user's error ends a bundle run with a message and exit code 2, as it ends `catheter`."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console

from custom.errors import CatheterError, InputError


def find_user_error(error: BaseException | None) -> CatheterError | None:
    """Return the user's error behind `error`: MONAI wraps what a component raises into a `RuntimeError`."""
    while error is not None:
        if isinstance(error, CatheterError):
            return error
        cause = error.__cause__ or error.__context__
        if (
            isinstance(cause, TypeError)
            and "unexpected keyword argument" in str(cause)
            and isinstance(error, RuntimeError)
        ):
            return InputError(f"a part of the config cannot be set: {cause}", remedy="Look for a misspelt key of it")
        error = cause
    return None


def print_user_error(error: CatheterError) -> None:
    """Print `error` on standard error, without a traceback."""
    Console(stderr=True).print(f"catheter: {error}", style="red", markup=False, highlight=False, soft_wrap=True)


def report_errors() -> None:
    """From here on, an uncaught `CatheterError` is printed without a traceback and ends the process with its exit code.

    Everything else is left to the hook that was there before.
    """
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        user_error = find_user_error(error)
        if user_error is None:
            previous(kind, error, traceback)
            return
        print_user_error(user_error)
        sys.exit(user_error.exit_code)

    sys.excepthook = hook
