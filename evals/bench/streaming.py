"""A thousand people who look and say nothing: what their event streams cost, and how long one who speaks waits meanwhile."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import psutil

from base.http import client
from evals.bench.figures import Figure, median
from evals.bench.house import House, house

STREAMS, CONVERSATIONS, AT_ONCE = 1000, 50, 20
IDLE_S = 10.0
SAID = 5


async def figures(folder: Path) -> list[Figure]:
    """On one `serve` with everything embedded."""
    _many_files()
    async with house(folder / "data") as server, AsyncExitStack() as stack:
        http = await stack.enter_async_context(client(server.url, read_s=120))
        rooms = [(await http.post("/api/v1/conversations", json={})).json()["id"] for _ in range(CONVERSATIONS)]
        before_mb, before = server.resident_mb(), await _busy(server)
        gate = asyncio.Semaphore(AT_ONCE)
        opening = (_open(stack, http, rooms[n % CONVERSATIONS], gate) for n in range(STREAMS))
        held = await asyncio.gather(*opening)
        idle, after_mb = await _busy(server), server.resident_mb()
        waits = [await _first_event(http, rooms[0]) for _ in range(SAID)]
        del held  # a reader that is forgotten closes its stream
    return [
        Figure(f"memory of {STREAMS} idle event streams", after_mb - before_mb, "MB", 100),
        Figure("memory of one", 1000 * (after_mb - before_mb) / STREAMS, "kB", 100),
        Figure(f"processor for {STREAMS} idle event streams", idle - before, "%", 20, f"{before:.1f} % without"),
        median(f"message to first event, {STREAMS} streams open", waits, "ms", 100),
    ]


async def _open(stack: AsyncExitStack, http: httpx.AsyncClient, room: str, gate: asyncio.Semaphore) -> object:
    """One stream on a connection of its own, once its first bytes are there: its reader."""
    async with gate:
        own = await stack.enter_async_context(client(str(http.base_url), read_s=600, connect_s=120))
        own.cookies = http.cookies
        answer = await stack.enter_async_context(own.stream("GET", f"/api/v1/conversations/{room}/events"))
        reader = answer.aiter_bytes()
        await anext(reader)
        return reader


async def _busy(server: House) -> float:
    """Percent of one processor, while nothing happens."""
    process = psutil.Process(server.pid)
    process.cpu_percent()
    await asyncio.sleep(IDLE_S)
    return float(process.cpu_percent())


async def _first_event(http: httpx.AsyncClient, room: str) -> float:
    """Milliseconds from sending to the turn's first event, on a stream that is open already."""
    detail = (await http.get(f"/api/v1/conversations/{room}")).json()
    path = f"/api/v1/conversations/{room}/events?after={detail['last_event_id']}"
    async with http.stream("GET", path, timeout=None) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        begun = time.monotonic()
        sent = asyncio.create_task(http.post(f"/api/v1/conversations/{room}/messages", json={"text": "What can you do?"}))
        waited = 0.0
        async for line in lines:
            if line.startswith("data:"):
                waited = waited or 1000 * (time.monotonic() - begun)
                if json.loads(line.removeprefix("data:"))["type"] == "turn.completed":
                    break
        await sent
    return waited


def _many_files() -> None:
    """Each stream is a socket here and another one there, whose process inherits this bound."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most if most > 0 else 65536, most))
