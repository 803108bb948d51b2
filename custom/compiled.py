"""Loops over pixels and electrodes for which NumPy would take longer in its calls than in its work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Have numba compile a function of numbers and arrays at its first call; the next process finds it on disk.

    It lets go of the interpreter's lock while it runs.
    """
    try:
        return cast(_Function, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # neither the package's folder nor the user's cache can be written to
        return cast(_Function, njit(nogil=True)(function))
