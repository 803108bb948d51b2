"""Signals that end a run: it cleans up first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def stop_like_ctrl_c() -> None:
    """From here on SIGTERM, a scheduler's, and SIGHUP, of a closed terminal, raise KeyboardInterrupt: runs clean up."""
    if threading.current_thread() is not threading.main_thread():
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # nohup has it ignored
        signal.signal(signal.SIGHUP, signal.default_int_handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a second Ctrl-C, of somebody who found the first one slow, not break off what cleans up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in _ENDING]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
