import math

import pytest

from custom.values import is_index, is_number, is_positive, is_range, is_text


@pytest.mark.parametrize(
    ("value", "number", "positive", "index"),
    [
        (0, True, False, True),
        (3, True, True, True),
        (-3, True, False, False),
        (0.5, True, True, False),
        (-0.5, True, False, False),
        (True, False, False, False),
        (math.nan, False, False, False),
        (math.inf, False, False, False),
        (10**400, False, False, True),  # no float can hold it
        ("1", False, False, False),
        (None, False, False, False),
    ],
)
def test_what_counts_as_a_number(value, number, positive, index):
    assert (is_number(value), is_positive(value), is_index(value)) == (number, positive, index)


def test_what_counts_as_text():
    assert [is_text(value) for value in ("a", " ", "", 1, None)] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("value", "from_zero", "from_two"),
    [
        ([2, 3], True, True),
        ((0, 0.5), True, False),
        ([1, 1], True, False),
        ([3, 2], False, False),
        ([-1, 3], False, False),
        ([1, 2, 3], False, False),
        ([1, math.nan], False, False),
        ("12", False, False),
        (5, False, False),
    ],
)
def test_what_counts_as_a_range(value, from_zero, from_two):
    assert (is_range(value), is_range(value, least=2)) == (from_zero, from_two)
