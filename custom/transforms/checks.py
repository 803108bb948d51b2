"""Options of transforms that are out of range."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_type_hints

from custom.errors import InputError
from custom.values import is_number, is_range

Probability = Annotated[float, "from 0 to 1"]
Range = tuple[float, float]


def check_options(function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Refuse options that are not what the function's signature calls them, a `Probability` or a `Range`.

    Raises:
        InputError: names the first.
    """
    kinds = get_type_hints(function, include_extras=True)
    check_probabilities(**{name: value for name, value in options.items() if kinds.get(name) == Probability})
    for field, value in options.items():
        if kinds.get(field) == Range and not is_range(value):
            raise InputError("no range", field=field, found=value, expected="the smallest and the largest, 0 or more")


def check_probabilities(**options: Any) -> None:
    """Refuse options that are no numbers from 0 to 1.

    Raises:
        InputError: names the first.
    """
    for field, value in options.items():
        if not (is_number(value) and 0 <= value <= 1):
            raise InputError("no probability", field=field, found=value, expected="a number from 0 to 1")
