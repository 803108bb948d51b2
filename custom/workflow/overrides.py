"""Config files and overrides that say something the bundle does not know are refused, with the nearest it does know."""

from __future__ import annotations

import ast
import difflib
import inspect
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fire.parser import DefaultParseValue
from monai.bundle import ConfigParser, run
from monai.bundle.utils import ID_SEP_KEY, MACRO_KEY, MERGE_KEY

from custom.errors import InputError

RUN_OPTIONS = tuple(name for name in inspect.signature(run).parameters if name != "override")


def check_overrides(
    config_files: Sequence[str], overrides: Iterable[str] | Mapping[str, Any], *, tracking: str | None = None
) -> None:
    """Check the ids that a run overrides against its config files.

    Args:
        config_files: paths, later ones overriding earlier ones.
        overrides: ids as on the command line, e.g. `max_epochs` or `network_def#offset`, with or without values.
        tracking: the tracking settings file, whose keys may be overridden too.

    Raises:
        InputError: where a config file cannot be read or has a key twice, where an id is unknown, or a text stands for
            a whole section.
    """
    for file in config_files:
        _check_file(file)
    parser = ConfigParser()
    parser.read_config(list(config_files))
    known = {*parser.get(), *RUN_OPTIONS}
    if tracking is not None and Path(tracking).is_file():
        known |= set(ConfigParser.load_config_file(tracking)["configs"])
    for override in overrides:
        _check_id(override, parser, known)
    for override, value in overrides.items() if isinstance(overrides, Mapping) else ():
        _check_value(override, value, parser)


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
    options = _options(arguments[1:])
    files = options.get("config_file")
    if files is None:
        return
    names = ast.literal_eval(files) if files.startswith(("[", "(")) else files.split(",")
    check_overrides(list(names), options, tracking=options.get("tracking"))


def _options(arguments: Sequence[str]) -> dict[str, str]:
    options = {}
    for position, argument in enumerate(arguments):
        if argument.startswith("--"):
            name, equals, value = argument[2:].partition("=")
            following = arguments[position + 1] if position + 1 < len(arguments) else ""
            options[name.replace("-", "_")] = value if equals else following
    return options


def _check_file(file: str) -> None:
    if not Path(file).is_file():
        raise InputError("there is no such config file", source=file)
    previous = os.environ.get("MONAI_FAIL_ON_DUPLICATE_CONFIG")
    os.environ["MONAI_FAIL_ON_DUPLICATE_CONFIG"] = "1"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ConfigParser.load_config_file(file)
    except Exception as error:  # YAML, JSON and duplicate keys all raise their own
        raise InputError(f"the config file cannot be read ({error})", source=file) from error
    finally:
        if previous is None:
            del os.environ["MONAI_FAIL_ON_DUPLICATE_CONFIG"]
        else:
            os.environ["MONAI_FAIL_ON_DUPLICATE_CONFIG"] = previous


def _check_id(override: str, parser: ConfigParser, known: set[str]) -> None:
    path = override.removeprefix(MERGE_KEY).replace("#", ID_SEP_KEY).split(ID_SEP_KEY)
    if path[0] not in known:
        raise InputError("the config has no such key", field=f"--{override}", remedy=_suggestion(path[0], known))
    parent = ID_SEP_KEY.join(path[:-1])
    if len(path) > 1 and parent not in parser:
        raise InputError("the config has no such section", field=f"--{override}", found=parent)


def _check_value(override: str, value: Any, parser: ConfigParser) -> None:
    if not isinstance(value, str) or value.startswith(("$", "@", MACRO_KEY)) or override not in parser:
        return
    if isinstance(parser[override], Mapping) and isinstance(DefaultParseValue(value), str):
        expected = """a mapping as Python writes it, such as "{'_target_': 'package.Class'}\""""
        remedy = f"Or change single keys of the section: --{override}#KEY VALUE"
        raise InputError(
            "a text in place of a section", field=f"--{override}", found=value, expected=expected, remedy=remedy
        )


def _suggestion(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return (
        f"Did you mean {' or '.join(f'--{key}' for key in near)}" if near else f"Known are: {', '.join(sorted(known))}"
    )
