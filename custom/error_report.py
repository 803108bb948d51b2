"""A user's error ends a bundle run with a message and exit code 2, as it ends `catheter`."""

from __future__ import annotations

import errno
import re
import sys
import traceback
from pydoc import ErrorDuringImport
from types import TracebackType

from custom.errors import CatheterError, InputError
from custom.terminal import print_line

PLACE = r'File "([^<"]+)", line (\d+)'
IMPORTERS = ("pydoc.py", "monai/utils/module.py")
LOOK_FOR_MODULE = "Look for a misspelt part, or name the folder of your own module in PYTHONPATH"
WRONG_ARGUMENTS = r"unexpected keyword argument|missing \d+ required"
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def find_user_error(error: BaseException | None) -> CatheterError | None:
    """Return the user's error behind `error`: MONAI wraps what a component raises into a `RuntimeError`."""
    while error is not None:
        if isinstance(error, CatheterError):
            return error
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            where = error.filename or "a file"
            return CatheterError(f"{where}: could not be written ({error.strerror}). Make room, then try again.")
        cause = error.__cause__ or error.__context__
        fault = _config_fault(error, cause)
        if fault is not None:
            return fault
        error = cause
    return None


def _config_fault(error: BaseException, cause: BaseException | None) -> InputError | None:
    """What MONAI found wrong with a config, in its own words."""
    said = str(error)
    if isinstance(error, ErrorDuringImport):
        trace = "".join(traceback.format_exception(error.value))
        return _failed_import(f"{type(error.value).__name__}: {error.value}", error.filename, trace)
    if _is_optional_import(error):
        return _failed_import(said.partition(".\n")[0], None, said)
    if isinstance(error, ModuleNotFoundError) and said.startswith("Cannot locate class or function path"):
        found = said.split("'")[1]
        return InputError("no such class or function", field="_target_", found=found, remedy=LOOK_FOR_MODULE)
    if isinstance(error, ValueError) and said.startswith("the referring item"):
        return _no_such_part(said.split("`")[1])
    if isinstance(error, KeyError) and said.startswith("'query key: "):
        return _no_such_part(said.strip("'").removeprefix("query key: "))
    if not isinstance(error, RuntimeError) or cause is None or _is_optional_import(cause):
        return None
    if isinstance(cause, TypeError) and re.search(WRONG_ARGUMENTS, str(cause)):
        remedy = "Look for a misspelt key of it, or for one that is missing"
        return InputError(f"a part of the config cannot be set: {cause}", remedy=remedy)
    if said.startswith("Failed to evaluate") and _is_raised_by_expression(cause):
        remedy = "Look for overrides that do not fit each other, or for a misspelt name"
        expression = re.sub(r"__local_refs\['(.*?)'\]", r"@\1", said.partition("\n")[2].strip("'\"")).replace("::", "#")
        return InputError(f"an expression of the config fails: {cause}", found=expression, remedy=remedy)
    return None


def _is_optional_import(error: BaseException) -> bool:
    return type(error).__name__ == "OptionalImportError"  # MONAI takes seconds to import, and help would wait


def _failed_import(reason: str, module: str | None, trace: str) -> InputError:
    """A module that the config names, and the last line of its own that the trace leads to."""
    places = [place for place in re.findall(PLACE, trace) if not place[0].endswith(IMPORTERS)]
    file, line = places[-1] if places else (None, None)
    return InputError(
        f"a module that the config names cannot be imported ({reason})",
        source=file,
        field=line and f"line {line}",
        found=module,
        remedy="Mend it, or install what it needs into this environment" if places else LOOK_FOR_MODULE,
    )


def _no_such_part(name: str) -> InputError:
    problem, found = "a part of the config refers to what is not there", name.replace("::", "#")
    return InputError(problem, found=found, remedy="Look for a misspelt name, or for a key that was left out")


def _is_raised_by_expression(error: BaseException) -> bool:
    """Whether the text of an expression raised it, not code that it calls; the lookup of an attribute is its own."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.name != "__getattr__"]
    return bool(frames) and frames[-1].filename == "<string>"


def print_user_error(error: CatheterError) -> None:
    """Print `error` on standard error, without a traceback."""
    print_line(f"catheter: {error}", style="red", error=True)


def report_errors() -> None:
    """From here on, an uncaught `CatheterError` is printed without a traceback and ends the process with its exit code.

    Everything else is left to the hook that was there before.
    """
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        user_error = find_user_error(error)
        if user_error is None:
            previous(kind, error, trace)
            return
        print_user_error(user_error)
        sys.exit(user_error.exit_code)

    sys.excepthook = hook
