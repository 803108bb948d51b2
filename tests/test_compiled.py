import numpy as np
import pytest

import custom.compiled
from custom.compiled import compiled


def twice(values: np.ndarray) -> np.ndarray:
    result = np.empty_like(values)
    for index in range(len(values)):
        result[index] = 2 * values[index]
    return result


def test_a_compiled_function_gives_what_it_gave_before():
    values = np.array([1.5, -2.0])
    np.testing.assert_array_equal(compiled(twice)(values), twice(values))


def test_it_compiles_where_nothing_can_be_kept(monkeypatch):
    def njit(*, cache=False, nogil):
        if cache:
            raise RuntimeError("cannot cache function 'twice': no locator available")
        return lambda function: function

    monkeypatch.setattr(custom.compiled, "njit", njit)
    assert compiled(twice)(np.ones(1)) == pytest.approx(2.0)
