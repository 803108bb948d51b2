import time

import pytest

from custom.benchmark import time_interleaved
from custom.benchmark.timing import WARM_UP


def test_calls_take_turns_and_the_first_rounds_do_not_count():
    order = []

    def call(name, seconds):
        order.append(name)
        time.sleep(seconds if len(order) > 2 * WARM_UP else 0.2)

    times = time_interleaved({"slow": lambda: call("slow", 0.02), "fast": lambda: call("fast", 0.002)}, rounds=3)
    assert order == ["slow", "fast"] * (WARM_UP + 3)
    assert 2 <= times["fast"].minimum < times["slow"].minimum
    assert 20 <= times["slow"].minimum <= times["slow"].median < 200


def test_the_median_is_the_middle_one(monkeypatch):
    seconds = iter([9, 9, 0.003, 0.001, 0.002])
    monkeypatch.setattr("custom.benchmark.timing._seconds", lambda call: next(seconds))
    found = time_interleaved({"call": lambda: None}, rounds=3)["call"]
    assert (found.minimum, found.median) == pytest.approx((1, 2))
