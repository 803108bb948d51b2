"""Work in another thread, so that reading, the network and writing do not wait for each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import torch

Item = TypeVar("Item")
_END: Any = object()


def one_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items, each being made in another thread while the one before it is used; errors come in their place.

    MONAI's `ThreadBuffer` ends without a word where its source raises.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        source = iter(items)
        coming = thread.submit(next, source, _END)
        while (item := coming.result()) is not _END:
            coming = thread.submit(next, source, _END)
            yield item


@contextmanager
def one_core_left() -> Iterator[None]:
    """Have PyTorch, and engines that start meanwhile, leave one of three cores or more to the threads beside them.

    Threads that share a layer wait for each other, so that one that has lost its core stops them all. Of two cores the
    network needs both all the same.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(threads - 1 if threads > 2 else threads)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class BackgroundCalls:
    """Makes calls in another thread, one after the other in their order; after one that fails no more are made.

    Args:
        behind: calls that may be waiting or under way; the next one waits for the oldest of them.
    """

    def __init__(self, behind: int = 2) -> None:
        self._behind = behind
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._calls: deque[Future[None]] = deque()
        self._failed = False

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Make a call soon, or raise what an earlier one raised."""
        if len(self._calls) >= self._behind:
            self._calls.popleft().result()
        self._calls.append(self._thread.submit(self._make, function, *arguments))

    def wait(self) -> None:
        """Wait for all calls, and raise what one of them raised."""
        while self._calls:
            self._calls.popleft().result()

    def end(self) -> None:
        """Wait for all calls, whatever they raise, and take no more."""
        self._thread.shutdown()

    def _make(self, function: Callable[..., Any], *arguments: Any) -> None:
        if not self._failed:
            self._failed = True
            function(*arguments)
            self._failed = False
