"""The results of one input file, in every format that can be written for it."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from custom.errors import CatheterError, InputError
from custom.postprocessing.result import FrameResult
from custom.results.format import ResultFormat

# Those that the name of one file causes; any other means that nothing more can be written.
ERRORS_OF_A_NAME = (errno.ENAMETOOLONG, errno.EEXIST, errno.EISDIR, errno.ENOTDIR)

Written = TypeVar("Written")


class FileResults:
    """Hands the frames of one file to several formats; one that fails on this file is left out, the others go on.

    Args:
        path: of the input file.
        on_fault: is told why a format is left out.
    """

    def __init__(self, path: str, on_fault: Callable[[CatheterError], None]) -> None:
        self.path = path
        self._on_fault = on_fault
        self._formats: list[ResultFormat] = []

    def start(self, first: FrameResult, formats: Sequence[ResultFormat]) -> None:
        """Begin the file in each format; `first` names the results.

        Raises:
            OSError: nothing can be written; so for the other methods.
        """
        for one in formats:
            self._formats.append(one)
            self._unless_it_fails(one, partial(one.start, first))

    def add(self, result: FrameResult) -> None:
        """Write a frame."""
        for one in tuple(self._formats):
            self._unless_it_fails(one, partial(one.add, result))

    def finish(self, *, complete: bool) -> set[Path]:
        """End the file and return what was written; `complete` tells whether all frames of the input were read."""
        written: set[Path] = set()
        for one in tuple(self._formats):
            written.update(self._unless_it_fails(one, partial(one.finish, complete=complete)) or ())
            if one in self._formats:
                self._formats.remove(one)
        return written

    def discard(self) -> None:
        """Remove what is not finished."""
        for one in self._formats:
            with suppress(OSError):
                one.discard()

    def _unless_it_fails(self, one: ResultFormat, write: Callable[[], Written]) -> Written | None:
        try:
            return write()
        except Exception as error:
            fault = _fault(error, one, self.path)
            if fault is None:
                raise
            self._formats.remove(one)
            with suppress(Exception):
                one.discard()
            self._on_fault(fault)
            return None


def unreadable_again(path: str, error: OSError) -> InputError:
    """The error of an input file that was there, and is not any more."""
    problem = f"cannot be read a second time ({error.strerror})"
    return InputError(problem, source=path, remedy="Leave files in place until the run ends")


def _fault(error: Exception, one: ResultFormat, path: str) -> CatheterError | None:
    """Why a format is left out of a file; `None` where nothing can be written, as when the disk is full."""
    if isinstance(error, CatheterError):
        return error
    if not isinstance(error, OSError):
        reason = f"{type(error).__name__}: {error}"
        return CatheterError(f"{path}: cannot be written as {type(one).__name__} ({reason})")
    if str(error.filename) == path:
        return unreadable_again(path, error)
    if error.errno in ERRORS_OF_A_NAME:
        problem = f"results of this name cannot be written ({error.strerror})"
        return InputError(problem, source=path, remedy="Rename the file, shorter where it is too long")
    return None
