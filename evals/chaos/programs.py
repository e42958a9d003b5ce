"""Programs of the house as an operator starts them: each a process of its own, started again whenever it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

_ANSWER_S = 5.0

Ready = Callable[["Program"], Awaitable[bool]]
"""Whether the process that runs now has started so far that it does what it is for."""


class Program:
    """One process. `keep` it in a task; `kill` and `freeze` it."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, ready: Ready
    ) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        self._ready = ready
        self._arguments, self._environment = tuple(arguments), dict(environment)
        self._process: asyncio.subprocess.Process | None = None
        self._down_until = 0.0
        self._killed = False
        self.frozen = False
        self.hit_at: list[float] = []
        """When it was killed or frozen (seconds since the epoch)."""
        self.crashes = 0
        """How often it ended by itself."""

    @property
    def up(self) -> bool:
        alive = self._process is not None and self._process.returncode is None
        return alive and not self.frozen and not self._killed

    async def ready(self) -> bool:
        """Whether it does what it is for: it is there, and has started."""
        return self.up and await self._ready(self)

    async def keep(self) -> None:
        """Start it, again and again, until cancelled; then end it."""
        try:
            while True:
                await asyncio.sleep(max(0.0, self._down_until - time.monotonic()))
                await self._live()
        finally:
            self._end()

    def kill(self, down_s: float) -> None:
        """As the kernel does that is out of memory; it stays away for a while."""
        self._killed = True
        self._down_until = time.monotonic() + down_s
        self.hit_at.append(time.time())
        self._end()

    async def restart(self) -> int:
        """As a deployment does: told to end, and started again as soon as it has; its exit code."""
        process = self._process
        assert process is not None
        self._killed = True
        process.terminate()
        return await process.wait()

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def freeze(self, seconds: float) -> None:
        """It stands still, then goes on and knows nothing of it."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self.frozen = True
        self.hit_at.append(time.time())
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.frozen = False
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)

    async def _live(self) -> None:
        self._killed = False
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self._arguments, env={**os.environ, **self._environment},
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        await self._process.wait()
        if not self._killed:
            self.crashes += 1
            await asyncio.sleep(0.5)

    def _end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


def web(number: int, port: int, environment: Mapping[str, str], folder: Path) -> Program:
    """A server that converses and leaves the work to others."""
    arguments = ("stationthis", "serve", "--no-worker", "--port", str(port))
    return Program(f"web-{number}", arguments, environment, folder, _answering(port, "/healthz"))


def worker(number: int, environment: Mapping[str, str], folder: Path, ready: Ready) -> Program:
    return Program(f"worker-{number}", ("stationthis", "worker"), environment, folder, ready)


def renderer(number: int, port: int, folder: Path, step_s: float) -> Program:
    """A test ComfyUI. Its disk outlives it, its memory does not."""
    where = folder / f"comfy-{number}"
    where.mkdir(parents=True, exist_ok=True)
    arguments = ("executor.renderer", "--port", str(port), "--data", str(where), "--step-delay", str(step_s), "--no-preview")
    return Program(f"renderer-{number}", arguments, {}, folder, _answering(port, "/system_stats"))


def _answering(port: int, path: str) -> Ready:
    return lambda _program: _answers(port, path)


async def until_ready(urls: Sequence[str], path: str, bound_s: float) -> None:
    """Until each answers 200 there. Raises TimeoutError."""
    async with asyncio.timeout(bound_s):
        for url in urls:
            while not await _answers(urlsplit(url).port or 80, path):
                await asyncio.sleep(0.2)


async def _answers(port: int, path: str) -> bool:
    """Asked so often that a client of its own each time would cost more than what it looks at."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except OSError:  # TimeoutError is one
        return False
