"""How a process ends: in order when it is asked once, at once when it is asked again, and never later than promised."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading

LAST_S = 9.0
"""Then the process is gone, even if a library's thread hangs: what matters is in the database. Docker waits for ten."""


def asked_to_end() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; from then on the process has LAST_S seconds, and a second one ends it now: leases
    run out, and others take over then."""
    asked = asyncio.Event()

    def hear() -> None:
        if asked.is_set():
            end_now()
        asked.set()
        end_surely(LAST_S)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, hear)
    return asked


def end_now() -> None:
    """Without a word."""
    os._exit(1)


def end_surely(seconds: float) -> None:
    """Be gone after so long, whatever still hangs."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()


def leave() -> None:
    """End the process now, its work being over: the libraries of the models crash or dawdle in a slow goodbye."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
