"""What users type is checked against a command's signature before anything is done."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import inspect
import io
import re
import sys
import types
import typing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import fire

from custom.config_text import LITERALS, SEPARATOR, TEXTS
from custom.error_report import print_user_error
from custom.errors import CatheterError, InputError
from custom.given_names import suggested_options
from custom.signals import stop_like_ctrl_c

Command = Callable[..., None]
_HELP = ("--help", "-h")
_OPTION = re.compile("--|-[a-zA-Z]")  # as Fire tells them from negative numbers
_TYPE_NAMES = {bool: "yes or no", int: "a whole number", float: "a number", str: "text"}
_COMMAS = " with commas between them"


class _Typed(NamedTuple):
    """An option, with or without a value, or an argument without a name."""

    option: str | None
    value: str | None

    def word(self, declared: Mapping[str, Any]) -> str:
        """The same for Fire, which takes text without quotes for Python: `20240101`, `a,b`, `run` of `run #3`."""
        if self.option is None:
            return repr(self.value)
        if self.value is None:
            return f"--{self.option}"
        is_literal = self.value == "None" or self.value.startswith(LITERALS)
        is_text = (self.option in TEXTS or SEPARATOR in self.value) and not is_literal
        return f"--{self.option}={repr(self.value) if is_text or self.option in declared else self.value}"


def start(commands: Mapping[str, Command], words: Sequence[str], *, name: str) -> None:
    """Run a command; a user's error is printed without a traceback and ends the process with its exit code.

    Args:
        commands: by name.
        words: what was typed after the program's name.
        name: the program's.
    """
    stop_like_ctrl_c()
    atexit.register(gc.freeze)  # else Python looks through all that MONAI imports for two seconds before it ends
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files may be beyond the terminal's alphabet
    try:
        checked = checked_words(commands, words)
        asks_for_help = checked[-2:] == ["--", "--help"]
        # Fire writes help to standard error, where `| less` and `| grep` find nothing.
        with contextlib.redirect_stderr(sys.stdout) if asks_for_help else contextlib.nullcontext():
            fire.Fire({key: typed_command(command) for key, command in commands.items()}, checked, name=name)
    except CatheterError as error:
        print_user_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def start_alone(command: Command) -> None:
    """Run the one command of a module in `scripts`; see `start`."""
    module = f"scripts.{command.__name__}"
    start({module: command}, [module, *sys.argv[1:]], name="python -m")


def checked_words(commands: Mapping[str, Command], words: Sequence[str]) -> list[str]:
    """Return what was typed for Fire, once it fits the command that it names.

    Args:
        commands: by name; those with `**settings` take any option.
        words: what was typed after the program's name.

    Raises:
        InputError: an option is unknown or given twice, or there are more arguments than the command takes.
    """
    if words and words[0] in _HELP:
        return ["--", "--help"]
    if not words or words[0] not in commands:
        return list(words)
    end = words.index("--") if "--" in words else len(words)
    after = words[end + 1 :]
    is_for_fire = bool(after) and after[0].startswith("--")  # its own options; others are arguments, as in any command
    if set(_HELP) & set(words[:end]):
        return [words[0], "--", "--help"]  # which ends with 0 where a command takes any option, too
    parameters = inspect.signature(commands[words[0]]).parameters
    typed = [*_typed(words[1:end], parameters), *(_Typed(None, word) for word in after if not is_for_fire)]
    typed.sort(key=lambda item: item.option is not None)  # Fire gives an option without a value what follows it
    _check_options([item.option for item in typed if item.option is not None], parameters)
    _check_arguments(words[0], [item.value for item in typed if item.option is None], parameters)
    return [words[0], *(item.word(parameters) for item in typed), *(words[end:] if is_for_fire else ())]


def _typed(words: Sequence[str], known: Mapping[str, inspect.Parameter]) -> list[_Typed]:
    typed: list[_Typed] = []
    takes_value = False
    for word in words:
        if not _OPTION.match(word):
            typed.append(_Typed(typed.pop().option if takes_value else None, word))
            takes_value = False
            continue
        name, equals, value = word.lstrip("-").partition("=")
        typed.append(_Typed(_whole_name(name.replace("-", "_"), known), value if equals else None))
        takes_value = not equals
    return typed


def _whole_name(name: str, known: Mapping[str, inspect.Parameter]) -> str:
    beginning_alike = [option for option, item in known.items() if item.kind is item.KEYWORD_ONLY and option[0] == name]
    return beginning_alike[0] if len(beginning_alike) == 1 else name


def _check_options(options: Sequence[str], parameters: Mapping[str, inspect.Parameter]) -> None:
    twice = [option for option, count in Counter(options).items() if count > 1]
    if twice:
        raise InputError("given twice", field=f"--{twice[0]}", remedy="Leave one of the two out")
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for option in options:
        if option not in {*parameters, *(f"no{name}" for name in parameters)}:
            raise InputError("unknown option", field=f"--{option}", remedy=suggested_options(option, parameters))


def _check_arguments(command: str, given: Sequence[Any], parameters: Mapping[str, inspect.Parameter]) -> None:
    taken = [name for name, item in parameters.items() if item.kind is item.POSITIONAL_OR_KEYWORD]
    takes_any = any(item.kind is item.VAR_POSITIONAL for item in parameters.values())
    if len(given) > len(taken) and not takes_any:
        raise InputError(
            "too many arguments",
            field=command,
            found=" ".join(given),
            expected=" ".join(name.upper() for name in taken) or "options only",
            remedy="Everything else is an option, such as --output FOLDER",
        )


def typed_command(command: Command) -> Command:
    """Return the command for Fire: text is converted to the types of its parameters.

    Raises:
        InputError: by the command, where a value is missing or not of its parameter's type.
    """

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        signature, annotations = inspect.signature(command), typing.get_type_hints(command)
        given = signature.bind(*arguments, **options)
        for name, value in given.arguments.items():
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                given.arguments[name] = tuple(_converted(name, item, annotations[name]) for item in value)
            elif kind is not inspect.Parameter.VAR_KEYWORD:
                given.arguments[name] = _converted(name, value, annotations[name])
        command(*given.args, **given.kwargs)

    run.__signature__ = _signature_for_help(command)  # type: ignore[attr-defined]
    run.__doc__ = (command.__doc__ or "").replace("**settings:", "settings:")  # Fire takes stars for more text
    return run


class _Words(str):
    """Text that Fire's help shows as it is."""

    __repr__ = str.__str__
    __slots__ = ()


def _signature_for_help(command: Command) -> inspect.Signature:
    """The command's signature with words for types, and without defaults that say nothing."""
    signature, annotations = inspect.signature(command), typing.get_type_hints(command)
    shown = []
    for item in signature.parameters.values():
        words = _Words(_expected(_alternatives(annotations[item.name])).removesuffix(_COMMAS))  # Fire cuts long ones
        is_empty = item.kind is item.KEYWORD_ONLY and item.default in (None, ())
        shown.append(item.replace(annotation=words, default=_Words() if is_empty else item.default))
    return signature.replace(parameters=shown, return_annotation=signature.empty)


def check_count(option: str, count: int | None) -> None:
    """Check how many of something an option asks for; `None` where it was not given.

    Raises:
        InputError: less than one.
    """
    if count is not None and count < 1:
        raise InputError("too few", field=f"--{option}", found=count, expected="1 or more")


def _converted(name: str, value: Any, annotation: Any) -> Any:
    alternatives = _alternatives(annotation)
    if isinstance(value, bool) and bool not in alternatives:  # Fire's for an option without a value
        raise InputError("needs a value", field=f"--{name}", expected=_expected(alternatives))
    if not isinstance(value, str):
        return value
    if value == "None" and types.NoneType in alternatives:
        return None
    from pydantic import TypeAdapter, ValidationError  # it would take half of the time of a command's help

    several = any(typing.get_origin(item) is not None for item in alternatives)
    is_list = several and ("," in value or value[:1] in ("[", "("))
    parts = [part.strip(" '\"") for part in value.strip("[]()").split(",")]
    try:
        return TypeAdapter(annotation).validate_python(parts if is_list else value)
    except ValidationError:
        raise InputError("wrong type", field=f"--{name}", found=value, expected=_expected(alternatives)) from None


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)


def _expected(alternatives: Sequence[Any]) -> str:
    names = [_TYPE_NAMES[item] for item in alternatives if item in _TYPE_NAMES]
    lists = [typing.get_args(item) for item in alternatives if typing.get_origin(item) is not None]
    counts = ["several" if Ellipsis in items or len(items) == 1 else len(items) for items in lists]  # or a sequence
    numbers = [f", or {count}{_COMMAS}" for count in counts]
    return " or ".join(names) + "".join(numbers)
