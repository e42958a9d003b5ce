"""Ctrl-C with a second thought: the first one asks for something, the next one leaves."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupted_by(first: Callable[[], bool]) -> Iterator[None]:
    """Within, Ctrl-C calls `first`. Where that finds nothing to do, and at every further one, this task is cancelled."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked = False

    def press() -> None:
        nonlocal asked
        if asked or not first():
            assert task is not None
            task.cancel()
        asked = True

    loop.add_signal_handler(signal.SIGINT, press)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
