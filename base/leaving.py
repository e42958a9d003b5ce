"""How a process ends: in order when it is asked once, at once when it is asked again, and never later than promised."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable
from types import FrameType
from typing import Any

from base.log import get_logger

log = get_logger(__name__)
LAST_S = 9.0
"""Then the process is gone, even if a library's thread hangs: what matters is in the database. Docker waits for ten."""
_TOLD_BEFORE_S = 0.3


def asked_to_end(last_s: float = LAST_S) -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; from then on the process has `last_s` seconds, and a second one ends it now: leases
    run out, and others take over then. The handlers are not the loop's: what ends surely must not wait for its turn."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    ending = threading.Event()

    def hear(_: int, __: FrameType | None) -> None:
        if ending.is_set():
            end_now()
        ending.set()
        end_surely(last_s, loop)
        loop.call_soon_threadsafe(asked.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hear)
    return asked


def end_now() -> None:
    """Without a word."""
    os._exit(1)


def end_surely(seconds: float, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Be gone after so long, whatever still hangs; the log tells what did, in a thread of its own, for a log may hang too."""
    for wait_s, deed in ((seconds - _TOLD_BEFORE_S, lambda: _tell(loop)), (seconds, lambda: os._exit(0))):
        timer = threading.Timer(max(0.0, wait_s), deed)
        timer.daemon = True
        timer.start()


def leave() -> None:
    """End the process now, its work being over: the libraries of the models crash or dawdle in a slow goodbye."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _tell(loop: asyncio.AbstractEventLoop | None) -> None:
    tasks: Iterable[asyncio.Task[Any]] = () if loop is None else asyncio.all_tasks(loop)
    log.warning("end_forced", waited_for=sorted({getattr(task.get_coro(), "__qualname__", "") for task in tasks}))
