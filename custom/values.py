"""What a value from a file or an option is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any


def is_number(value: Any) -> bool:
    """Tell whether a value is a number that a float can hold (in JSON, true and false are none)."""
    largest = sys.float_info.max
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -largest <= value <= largest


def is_positive(value: Any) -> bool:
    """Tell whether a value is a positive finite number."""
    return is_number(value) and value > 0


def is_index(value: Any) -> bool:
    """Tell whether a value is a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value: Any) -> bool:
    """Tell whether a value is text, not empty."""
    return isinstance(value, str) and bool(value)


def is_range(value: Any, least: float = 0) -> bool:
    """Tell whether a value is two numbers in order, the first of them `least` or more."""
    numbers = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    return len(numbers) == 2 and all(map(is_number, numbers)) and least <= numbers[0] <= numbers[1]
