"""How a process ends, tried on processes that do little else."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.patience import PATIENCE_S
from tests.server import ROOT

LONG, SHORT = 10 * PATIENCE_S, 0.5

PROGRAM = """
import asyncio, time
from base.leaving import asked_to_end, leave

async def orderly(asked):
    await asked.wait()
    print("bye", flush=True)
    leave()

async def hanging(asked):
    await asked.wait()
    print("hangs", flush=True)
    await asyncio.Event().wait()

async def deaf(asked):
    while True:  # the loop never has its turn
        time.sleep(0.01)

async def main():
    asked = asked_to_end({last_s})
    print("begun", flush=True)
    await {kind}(asked)

asyncio.run(main())
"""


@contextmanager
def program(kind: str, last_s: float) -> Iterator[subprocess.Popen[str]]:
    """One that has begun."""
    command = [sys.executable, "-c", PROGRAM.format(kind=kind, last_s=last_s)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert line(process) == "begun"
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_once_it_ends_in_order(number: signal.Signals) -> None:
    with program("orderly", LONG) as process:
        process.send_signal(number)
        assert line(process) == "bye"
        assert process.wait(PATIENCE_S) == 0


def test_asked_twice_it_ends_at_once() -> None:
    with program("hanging", LONG) as process:
        process.send_signal(signal.SIGTERM)
        assert line(process) == "hangs"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 1


@pytest.mark.parametrize("kind", ["hanging", "deaf"])
def test_it_is_gone_when_promised_and_tells_what_hung(kind: str) -> None:
    with program(kind, SHORT) as process:
        process.send_signal(signal.SIGTERM)
        told = process.stdout.read() if process.stdout else ""
        assert process.wait(PATIENCE_S) == 0
    assert "end_forced" in told
    assert "main" in told
