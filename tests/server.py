"""A real `stationthis serve` in a process of its own, on a free port, with a data folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.builds import keep, seed
from tests.patience import PATIENCE_S, STARTING_S

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Server:
    """A running server: where it is, where its data lies, its process and its log."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    log: Path

    def client(self, **headers: str) -> httpx.Client:
        """An HTTP client of one person: it keeps its cookie."""
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=PATIENCE_S)

    def wait_until_ready(self, seconds: float = STARTING_S) -> None:
        """Until `/readyz` says so: models warm, schema current, pool up."""
        deadline = time.monotonic() + seconds
        with self.client() as client:
            while client.get("/readyz").status_code != 200:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise AssertionError(f"not ready: {client.get('/readyz').text}\n{self.log.read_text()[-3000:]}")
                time.sleep(0.1)
        keep(self.data)

    def stop(self, by: signal.Signals = signal.SIGTERM, seconds: float = PATIENCE_S) -> int:
        """Send the signal and wait for the end; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop within {seconds} s of {by.name}") from None


@contextmanager
def running_server(data: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """Start it on a free port and stop it at the end. Its log is DATA/../serve.log."""
    data.mkdir(parents=True, exist_ok=True)
    seed(data)
    log = data.parent / "serve.log"
    command = [sys.executable, "-m", "stationthis", "serve", "--port", "0", *arguments]
    with log.open("a", encoding="utf-8") as sink:
        process = subprocess.Popen(
            command, cwd=data.parent, env=program_environment(data, **environment),
            stdout=subprocess.PIPE, stderr=sink, text=True,
        )  # fmt: skip
        try:
            server = Server(_address(process, log), data, process, log)
            yield server
            server.stop()
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def program_environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a program of ours: no settings but these, this checkout's code.

    Its coverage is not measured: a server that loads models takes four times as long to start with that.
    """
    traced = traced_environment(data, **more)
    return {name: value for name, value in traced.items() if not name.startswith("COVERAGE_")}


def traced_environment(data: Path, **more: str) -> dict[str, str]:
    """The same for a light program, with its coverage measured when the suite's is."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "STATIONTHIS_DATA": str(data), **more}


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """The address in the line it prints once it listens."""
    assert process.stdout is not None
    for line in process.stdout:
        words = [word for word in line.split() if word.startswith("http://")]
        if words:
            return words[0].removesuffix("/agent")
    raise AssertionError(f"the server did not start:\n{log.read_text()[-3000:]}")
