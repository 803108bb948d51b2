"""YAML files as typed dataclasses: unknown keys, missing keys and wrong forms are refused by name."""

from __future__ import annotations

import dataclasses
import typing
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from monai.utils.misc import CheckKeyDuplicatesYamlLoader

from custom.errors import InputError
from custom.values import is_number, is_text


@dataclass(frozen=True)
class Range:
    """A uniform range."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """One number of the range."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogRange(Range):
    """A range whose logarithm is uniform; both ends are positive."""

    def draw(self, rng: np.random.Generator) -> float:
        """One number of the range."""
        return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))


def read_yaml(path: Path) -> Any:
    """The content of a YAML file.

    Raises:
        InputError: the file is absent or not YAML, or a mapping in it has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # as MONAI's loader tells of a key that is there twice
            return yaml.load(text, CheckKeyDuplicatesYamlLoader)
    except OSError as error:
        raise InputError("cannot be read", source=path, found=error.strerror) from error
    except UnicodeDecodeError as error:
        raise InputError("is no text in UTF-8", source=path, remedy="Name a YAML file") from error
    except (yaml.YAMLError, UserWarning, ValueError, TypeError, RecursionError) as error:
        raise InputError("is not YAML that can be used", source=path, found=str(error)) from error


def parse(kind: Any, value: Any, source: str, field: str = "") -> Any:
    """A value of YAML as the type that an annotation names: dataclasses, ranges, mappings, lists, numbers, text, any.

    Args:
        kind: the annotation.
        value: what the file holds.
        source: the file, for messages.
        field: the value's place in it, for messages.

    Raises:
        InputError: a key is unknown or missing, or a value has the wrong form.
    """
    if kind is Any:
        return value
    if isinstance(kind, type) and issubclass(kind, Range):
        return _parse_range(kind, value, source, field)
    if dataclasses.is_dataclass(kind):
        return _parse_fields(kind, value, source, field)
    origin = typing.get_origin(kind)
    if origin is dict:
        return _parse_mapping(typing.get_args(kind)[1], value, source, field)
    if origin is tuple:
        items = _require(value, list, "a list", source, field)
        return tuple(parse(typing.get_args(kind)[0], item, source, f"{field}[{i}]") for i, item in enumerate(items))
    if kind is float:
        return _finite(value, source, field)
    return _require(value, kind, f"of type {kind.__name__}", source, field)


def _require(value: Any, kind: Any, expected: str, source: str, field: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InputError("has the wrong form", source=source, field=field or None, found=value, expected=expected)
    return value


def _finite(value: Any, source: str, field: str) -> float:
    number = _require(value, (int, float), "a number", source, field)
    if not is_number(number):
        raise InputError("is no finite number", source=source, field=field or None, found=number)
    return float(number)


def _parse_range(kind: type[Range], value: Any, source: str, field: str) -> Range:
    expected = "[low, high], finite, with low <= high" + (" and low > 0" if kind is LogRange else "")
    numbers = isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
    if not numbers or value[0] > value[1] or (kind is LogRange and value[0] <= 0):
        raise InputError("is not a range", source=source, field=field or None, found=value, expected=expected)
    return kind(float(value[0]), float(value[1]))


def _parse_mapping(kind: Any, value: Any, source: str, field: str) -> dict[str, Any]:
    mapping = _require(value, dict, "a mapping", source, field)
    for name in mapping:
        if not is_text(name) or not name.strip():
            remedy = "Write it in quotation marks if it is meant as text"
            raise InputError(f"{name!r} is no name", source=source, field=field or None, expected="text", remedy=remedy)
    return {name: parse(kind, item, source, f"{field}.{name}".lstrip(".")) for name, item in mapping.items()}


def _parse_fields(kind: Any, value: Any, source: str, field: str) -> Any:
    mapping = _require(value, dict, "a mapping", source, field)
    hints = typing.get_type_hints(kind)
    required = {
        item.name
        for item in dataclasses.fields(kind)
        if item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    }
    for problem, names in (("unknown keys", set(mapping) - set(hints)), ("missing keys", required - set(mapping))):
        if names:
            known = ", ".join(hints)
            found = ", ".join(sorted(map(str, names)))
            raise InputError(problem, source=source, field=field or None, found=found, expected=f"the keys {known}")
    return kind(
        **{name: parse(hints[name], item, source, f"{field}.{name}".lstrip(".")) for name, item in mapping.items()}
    )
