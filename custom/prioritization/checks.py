"""Settings of the prioritization that are out of range."""

from __future__ import annotations

from typing import Any

from custom.errors import InputError


def check_setting(field: str, found: Any, valid: bool, expected: str) -> None:
    """Refuse a setting.

    Args:
        field: its name.
        found: its value.
        valid: whether it can be used.
        expected: what could be.

    Raises:
        InputError: where it cannot be used.
    """
    if not valid:
        raise InputError("the prioritization cannot run with this value", field=field, found=found, expected=expected)


def check_not_negative(field: str, found: float) -> None:
    """Refuse a setting below 0, or none.

    Raises:
        InputError: where it is.
    """
    check_setting(field, found, found >= 0, "a number, at least 0")
