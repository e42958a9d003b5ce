"""Find the server to talk to, or start one of our own for as long as this terminal lives."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from base.http import client
from base.settings import Settings
from bots.terminal.errors import Refused, ServerNotStarted

START_S = 120.0


@asynccontextmanager
async def some_server(settings: Settings) -> AsyncIterator[str]:
    """The address of the server at STATIONTHIS_URL, else of one started here on a free port and ended afterwards."""
    url = settings.url.rstrip("/")
    if await answers(url):
        yield url
        return
    async with own_server(settings) as address:
        yield address


async def answers(url: str) -> bool:
    """Whether a StationThis server answers there."""
    try:
        async with client(url, connect_s=2.0, read_s=5.0) as http:
            return (await http.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def own_server(settings: Settings) -> AsyncIterator[str]:
    """A server with the same settings; its log is DATA/terminal-server.log. Raises ServerNotStarted."""
    log = settings.data / "terminal-server.log"
    settings.data.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        start = sink.tell()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bots.terminal.keeper", sys.executable, "-m", "stationthis"),
            *("serve", "--host", "127.0.0.1", "--port", "0", "--started-by", f"stationthis chat, process {os.getpid()}"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=sink, start_new_session=True,
        )  # fmt: skip
    try:
        async with asyncio.timeout(START_S):
            address = await _address(process)
        if address is None:
            raise _reason(log, start)
        draining = asyncio.create_task(_drain(process))
        yield address
        draining.cancel()
    except TimeoutError:
        raise ServerNotStarted from None
    finally:
        await _end(process)


async def _address(process: asyncio.subprocess.Process) -> str | None:
    """The address in the line that `serve` prints once it listens; None when it ends before."""
    assert process.stdout is not None
    async for line in process.stdout:
        for word in line.decode(errors="replace").split():
            if word.startswith("http://"):
                return word.removesuffix("/agent").rstrip("/")
    return None


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.read(65536):
        pass


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()  # the keeper sees the end of its input and ends the server
    await process.wait()


def _reason(log: Path, start: int) -> Exception:
    """The problem that the server printed last, or that there was none."""
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    for line in reversed(lines):
        try:
            body = json.loads(line)
        except ValueError:
            continue
        if isinstance(body, dict) and "code" in body and "action" in body:
            return Refused(body, int(body.get("status", 500)))
    return ServerNotStarted(f"No server answers, and the one started here did not come up; see {log}.")
