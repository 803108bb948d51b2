"""Values that override those of a config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai.bundle import ConfigParser
from monai.bundle.utils import MACRO_KEY

from custom.config_ids import id_parts
from custom.config_text import LITERALS, NO_VALUE, SEPARATOR, STARTS, TEXTS, plain_text
from custom.errors import InputError
from custom.workflow.value_limits import check_limits

TARGET = "_target_"
FILES = ("config_file", "meta_file", "logging_file", "args_file", "tracking", "bundle_root")  # MONAI's own options
TRAINING = "custom.workflow.train"
LEFT_OUT = ("tracker", "feature_distance")  # sections that the workflows do without


def check_value(override: str, given: Any, parser: ConfigParser, shown: str) -> None:
    """Check a value that overrides one of a config.

    Args:
        override: its id.
        given: the value, as YAML or Python has it.
        parser: the config that it overrides.
        shown: where it was given, for messages.

    Raises:
        InputError: it is of another kind than the config's own where that tells, or beyond its limits.
    """
    if override not in parser or (isinstance(given, str) and given.startswith(("$", "@", MACRO_KEY))):
        return
    name, before = _referent(override, parser)
    if given == "null":
        raise InputError("a text", field=shown, found=given, remedy=f"To give no value at all, write '{NO_VALUE}'")
    if isinstance(before, Mapping):
        _check_section(override, given, before, shown)
    if given is None:
        if _is_section(before) and len(id_parts(override)) == 1 and override not in LEFT_OUT:
            remedy = f"Change single keys of it: {override}#KEY VALUE"
            raise InputError("the section cannot be left out", field=shown, remedy=remedy)
        check_limits(name, given, shown)
        if _is_number(before) or isinstance(before, bool):
            raise InputError("the value cannot be left out", field=shown, expected=f"one such as {before}")
        return
    # Every word counts as true, `false` among them.
    if isinstance(before, bool) and not isinstance(given, bool) and given != "true":
        raise InputError("wrong type", field=shown, found=given, expected="True or False")
    if _is_number(before) and not _is_number(given):
        raise InputError(
            "wrong type", field=shown, found=given, expected=f"a number such as {before}", remedy=_point(given)
        )
    if _are_numbers(before) and not _are_numbers(given):
        expected = f"numbers such as {','.join(map(str, before))}"
        raise InputError("wrong type", field=shown, found=given, expected=expected)
    check_limits(name, given, shown)


def check_text(override: str, given: Any, shown: str) -> None:
    """Check that a value reaches the config as it was given.

    Args:
        override: its id.
        given: the value: text as it was typed, or what YAML or Python has.
        shown: where it was given, for messages.

    Raises:
        InputError: it would be taken for a number or a comment.
    """
    if override in TEXTS and isinstance(given, int | float):
        remedy = f"""Quotes of its own keep a text as it is: {override} "'TEXT'\""""
        raise InputError("wrong type", field=shown, found=given, expected="a text", remedy=remedy)
    is_text = isinstance(given, str) and not given.startswith((*STARTS, *LITERALS))
    if is_text and SEPARATOR in given and override not in FILES:
        remedy = f"As an expression it stays: {plain_text(given)}"
        raise InputError("MONAI would change the text at its #", field=shown, found=given, remedy=remedy)


def _referent(override: str, parser: ConfigParser) -> tuple[str, Any]:
    """The id and the content of what is overridden, or of what stands for it there: `@learning_rate`, for example."""
    content = parser[override]
    if isinstance(content, str) and content.startswith("@") and content[1:] in parser:
        return content[1:], parser[content[1:]]
    return override, content


def _check_section(override: str, given: Any, before: Mapping[str, Any], shown: str) -> None:
    remedy = f"Or change single keys of the section: {override}#KEY VALUE"
    if given is not None and not isinstance(given, Mapping):
        expected = """a mapping as Python writes it, such as "{'_target_': 'package.Class'}\""""
        raise InputError(
            "a single value in place of a section", field=shown, found=given, expected=expected, remedy=remedy
        )
    if TARGET in before and isinstance(given, Mapping) and TARGET not in given:
        expected = f"{TARGET} among its keys"
        raise InputError(
            "the section does not say what it is", field=shown, found=given, expected=expected, remedy=remedy
        )


def check_precision(precision: Any, parser: ConfigParser) -> None:
    """Check the precision of the forward pass, which for evaluation may be another one.

    Args:
        precision: its name.
        parser: the config, whose `run` tells whether it trains.

    Raises:
        InputError: training in it would need more.
    """
    run_list = parser.get("run")
    trains = isinstance(run_list, list) and any(
        isinstance(step, Mapping) and step.get(TARGET) == TRAINING for step in run_list
    )
    if trains and precision == "float16":
        remedy = "On CUDA, --amp True trains in float16 with gradient scaling"
        raise InputError(
            "no precision to train in",
            field="precision",
            found=precision,
            expected="float32 or bfloat16",
            remedy=remedy,
        )


def _point(given: Any) -> str | None:
    """The remedy for `1e-3` in YAML, which takes it for a text."""
    mantissa, exponent, rest = str(given).partition("e")
    return f"YAML wants a point: {mantissa}.0e{rest}" if exponent and mantissa.isdigit() else None


def _is_section(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(item, Mapping) for item in value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 0 and all(map(_is_number, value))
