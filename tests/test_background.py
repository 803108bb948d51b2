import threading

import pytest
import torch

from custom.background import BackgroundCalls, one_ahead, one_core_left


def test_items_keep_their_order_and_are_made_in_another_thread():
    made_in = []

    def items():
        for item in range(5):
            made_in.append(threading.current_thread())
            yield item

    assert list(one_ahead(items())) == [0, 1, 2, 3, 4]
    assert threading.main_thread() not in made_in


def test_the_next_item_is_made_while_one_is_used_and_no_further():
    made = [threading.Event() for _ in range(4)]

    def items():
        for number, event in enumerate(made):
            event.set()
            yield number

    coming = one_ahead(items())
    assert next(coming) == 0
    assert made[1].wait(timeout=10)
    assert not made[2].wait(timeout=0.1)
    coming.close()


def test_an_error_comes_after_the_items_before_it():
    def items():
        yield "before"
        raise ValueError("broken")

    coming = one_ahead(items())
    assert next(coming) == "before"
    with pytest.raises(ValueError, match="broken"):
        next(coming)


def test_calls_are_made_in_their_order():
    made, background = [], BackgroundCalls()
    for number in range(20):
        background.call(made.append, number)
    background.wait()
    assert made == list(range(20))


def test_a_failed_call_is_told_by_a_later_one():
    background = BackgroundCalls(behind=1)
    background.call(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        background.call(int, "1")


def test_waiting_tells_a_failure():
    background = BackgroundCalls()
    background.call(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        background.wait()


def test_after_a_failure_no_more_calls_are_made():
    made, background = [], BackgroundCalls(behind=3)
    for function, argument in ((made.append, "before"), (int, "no number"), (made.append, "after")):
        background.call(function, argument)
    background.end()
    assert made == ["before"]


def test_no_more_calls_wait_than_allowed():
    go_on, background = threading.Event(), BackgroundCalls(behind=2)
    background.call(go_on.wait, 10)
    background.call(go_on.wait, 10)
    third = threading.Thread(target=background.call, args=(go_on.wait, 10))
    third.start()
    third.join(timeout=0.1)
    assert third.is_alive()
    go_on.set()
    third.join(timeout=10)
    assert not third.is_alive()


@pytest.mark.parametrize(("threads", "left"), [(4, 3), (3, 2), (2, 2), (1, 1)])
def test_a_core_is_left_for_a_while(threads, left):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with one_core_left():
            assert torch.get_num_threads() == left
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
