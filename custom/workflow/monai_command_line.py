"""The command line of `python -m monai.bundle run`, checked as the options of the `catheter` commands are."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser

from custom.config_text import NO_VALUE
from custom.errors import InputError
from custom.workflow.overrides import RUN_OPTIONS, check_overrides


def check_command_line(arguments: Sequence[str] | None = None) -> None:
    """Check the overrides of `python -m monai.bundle run`; any other command line is left alone.

    Args:
        arguments: the command line; that of this process by default.

    Raises:
        InputError: see `check_overrides`.
    """
    arguments = sys.argv if arguments is None else arguments
    if Path(arguments[0]).parent.name != "bundle":
        return
    options: dict[str, Any] = _options(arguments[1:])
    if "args_file" in options:
        options = {**ConfigParser.load_config_file(options["args_file"]), **options}
    files = options.get("config_file")
    if files is None:
        return
    for name, value in options.items():
        if value == "None" and name not in RUN_OPTIONS:
            problem, remedy = "MONAI leaves out an override of None", f"To give no value at all, write '{NO_VALUE}'"
            raise InputError(problem, field=f"--{name}", remedy=remedy)
    check_overrides(_listed(files), options, tracking=options.get("tracking"))


def _listed(files: str | Sequence[str]) -> list[str]:
    if not isinstance(files, str):
        return list(files)
    return list(ast.literal_eval(files)) if files.startswith(("[", "(")) else files.split(",")


def _options(arguments: Sequence[str]) -> dict[str, str]:
    options = {}
    for position, argument in enumerate(arguments):
        if argument.startswith("--"):
            name, equals, value = argument[2:].partition("=")
            following = arguments[position + 1] if position + 1 < len(arguments) else ""
            options[name.replace("-", "_")] = value if equals else following
    return options
