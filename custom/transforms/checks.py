"""Options of transforms that are out of range."""

from __future__ import annotations

from typing import Any

from custom.errors import InputError
from custom.values import is_number, is_range


def check_probabilities(**options: Any) -> None:
    """Refuse options that are no numbers from 0 to 1.

    Raises:
        InputError: names the first.
    """
    for field, value in options.items():
        if not (is_number(value) and 0 <= value <= 1):
            raise InputError("no probability", field=field, found=value, expected="a number from 0 to 1")


def check_ranges(**options: Any) -> None:
    """Refuse options that are not two numbers in order, 0 or more.

    Raises:
        InputError: names the first.
    """
    for field, value in options.items():
        if not is_range(value):
            raise InputError("no range", field=field, found=value, expected="the smallest and the largest, 0 or more")
