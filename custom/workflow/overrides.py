"""Config files and overrides that say something the bundle does not know are refused, with the nearest it does know."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from pydoc import locate
from typing import Any

from fire.parser import DefaultParseValue
from monai.bundle import ConfigComponent, ConfigExpression, ConfigParser, run
from monai.bundle.utils import ID_SEP_KEY, MERGE_KEY

from custom.config_ids import id_parts
from custom.error_report import find_user_error
from custom.errors import InputError
from custom.given_names import suggested_options
from custom.workflow.environment import bundle_root, code_root
from custom.workflow.override_values import TARGET, check_precision, check_text, check_value

IMPORTS = "imports"
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
        InputError: where a config file cannot be read or has a key twice, where an id is unknown, or a value cannot be
            used: a text for a section or a number, for example, or a number beyond its limits.
    """
    for file in config_files:
        _check_file(file)
    for number, file in enumerate(config_files):
        if number > 0 and not _is_bundles_own(file):  # those may add keys
            _check_override_file(file, config_files[:number])
    parser = ConfigParser()
    parser.read_config(list(config_files))
    known = {*parser.get(), *RUN_OPTIONS}
    if tracking is not None and Path(tracking).is_file():
        known |= set(ConfigParser.load_config_file(tracking)["configs"])
    values = overrides if isinstance(overrides, Mapping) else {}
    for override in overrides:
        _check_id(override, values.get(override), parser, known)
    for override, value in values.items():
        parsed = DefaultParseValue(value) if isinstance(value, str) else value
        for typed in (value, parsed):
            check_text(override, typed, f"--{override}")
        check_value(override, parsed, parser, f"--{override}")
    check_precision(values.get("precision", parser.get("precision")), parser)


def _check_file(file: str) -> None:
    if not Path(file).is_file():
        raise InputError("there is no such config file", source=file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # as MONAI tells of a key that is there twice
            content = ConfigParser.load_config_file(file)
    except Exception as error:  # YAML, JSON and duplicate keys all raise their own
        raise InputError(f"the config file cannot be read ({error})", source=file) from error
    if not isinstance(content, Mapping) or not all(isinstance(name, str) for name in content):
        expected = "lines such as max_epochs: 20"
        raise InputError("the config file does not set values by name", source=file, found=content, expected=expected)


def _is_bundles_own(file: str) -> bool:
    return Path(file).resolve().parent in (Path(bundle_root(), "configs"), *code_root().glob("bundles/*/configs"))


def _check_override_file(file: str, before: Sequence[str]) -> None:
    """Refuse keys that neither the files before nor the file itself know, and values that cannot be used.

    A key that the file refers to is its own.
    """
    parser = ConfigParser()
    parser.read_config(list(before))
    text = Path(file).read_text(encoding="utf-8")
    known = {*parser.get(), *RUN_OPTIONS}
    for override, value in ConfigParser.load_config_file(file).items():
        if not re.search(rf"[@%]{re.escape(override)}\b", text) and override != "_meta_":
            _check_id(override, value, parser, known, shown=f"{file}: {override}")
        _check_merge(override, value, parser, f"{file}: {override}")
        check_text(override, value, f"{file}: {override}")
        check_value(override, value, parser, f"{file}: {override}")
        if id_parts(override) == [IMPORTS]:
            _check_imports(file, value if isinstance(value, list) else [value])


def _check_merge(override: str, value: Any, parser: ConfigParser, shown: str) -> None:
    """Refuse what MONAI cannot add to a list or a section."""
    key = ID_SEP_KEY.join(id_parts(override))
    if not override.startswith(MERGE_KEY) or key not in parser:
        return
    before = parser[key]
    if isinstance(before, list) and not isinstance(value, list):
        expected = "a list: lines that begin with '- '"
        raise InputError("a single value cannot be added to a list", field=shown, found=value, expected=expected)
    if isinstance(before, Mapping) and not isinstance(value, Mapping):
        raise InputError("only keys can be added to a section", field=shown, found=value, expected="keys with values")
    if not isinstance(before, list | Mapping):
        problem = "nothing can be added to what is neither a list nor a section"
        raise InputError(problem, field=shown, found=value, remedy="Set it, without +")


def _check_imports(file: str, statements: Iterable[Any]) -> None:
    """Refuse imports that fail: MONAI says so only where their name is used, not where a module registers something."""
    for statement in statements:
        if not _is_import(statement):
            expected = "a list of lines such as '$import package.module'"
            raise InputError("not an import", source=file, field=IMPORTS, found=statement, expected=expected)
        imported = ConfigExpression(statement).evaluate()
        try:
            getattr(imported, "__name__", None)  # anything asked of what stands for a missing module raises
        except ImportError as error:
            raise find_user_error(error) or error from None


def _is_import(statement: Any) -> bool:
    try:
        return ConfigExpression.is_import_statement(statement)
    except SyntaxError:
        return False


def _check_id(override: str, value: Any, parser: ConfigParser, known: set[str], shown: str | None = None) -> None:
    shown = shown or f"--{override}"
    path = id_parts(override)
    if path[0] not in known:
        remedy = _other_workflow(path[0]) or suggested_options(path[0], known)
        raise InputError("the config has no such key", field=shown, remedy=remedy)
    if len(path) == 1:
        return
    parent = ID_SEP_KEY.join(path[:-1])
    if parent not in parser:
        raise InputError("the config has no such section", field=shown, found=parent)
    value = DefaultParseValue(value) if isinstance(value, str) else value
    if ID_SEP_KEY.join(path) not in parser and not isinstance(value, Mapping):  # which would be a component more
        settable = _settable(parser[parent])
        if settable is not None and path[-1] not in settable:
            names = {f"{override.removesuffix(path[-1])}{name}" for name in settable}
            raise InputError("the section has no such key", field=shown, remedy=suggested_options(override, names))


def _other_workflow(name: str) -> str | None:
    """Say which of the bundle's workflows has a key: users write one file for training and inference."""
    for file in (Path(bundle_root(), "configs", workflow) for workflow in ("train.yaml", "inference.yaml")):
        if file.is_file() and name in ConfigParser.load_config_file(file):
            return f"It is a key of {file.name}, which is not read here: keep it in a file of its own"
    return None


def _settable(section: Any) -> set[str] | None:
    """Names that a section of the config takes; `None` where only making the component tells."""
    if not isinstance(section, Mapping):
        return {str(index) for index in range(len(section))} if isinstance(section, Sequence) else None
    if TARGET not in section:
        return set(section)
    target = ConfigComponent(section).resolve_module_name()
    function = locate(target) if isinstance(target, str) else target
    if not callable(function):
        return None
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # of what is built in
        return None
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    return {*section, *parameters, *ConfigComponent.non_arg_keys}
