"""Programs to measure: a server of ours and a test ComfyUI, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from base.http import client

START_S = 120.0


@dataclass(frozen=True)
class House:
    """A ready server, with how long it took to answer `/healthz` and `/readyz` (seconds)."""

    url: str
    pid: int
    healthy_s: float
    ready_s: float

    def resident_mb(self) -> float:
        """Memory of the serving process alone, without renderer."""
        import psutil

        return float(psutil.Process(self.pid).memory_info().rss) / 1e6


@asynccontextmanager
async def house(data: Path, **environment: str) -> AsyncIterator[House]:
    """`stationthis serve` on a free port with this data folder."""
    data.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with (data / "serve.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stationthis", "serve", "--port", "0",
            env={**os.environ, "STATIONTHIS_DATA": str(data), **environment}, stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    try:
        url = await _address(process)
        healthy = await _until_ok(url, "/healthz", begun)
        yield House(url, process.pid, healthy, await _until_ok(url, "/readyz", begun))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def comfy(data: Path, step_delay: float) -> AsyncIterator[str]:
    """The address of a test ComfyUI that takes `step_delay` seconds for each sampling step."""
    data.mkdir(parents=True, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "executor.renderer", "--port", "0", "--data", str(data), "--step-delay", str(step_delay),
        "--parent-pipe", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{json.loads(await process.stdout.readline())['port']}"
    finally:
        process.terminate()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        for word in line.decode().split():
            if word.startswith("http://"):
                return word.removesuffix("/agent")
    raise RuntimeError("the server did not start")


async def _until_ok(url: str, path: str, begun: float) -> float:
    async with client(url) as http:
        while (await http.get(path)).status_code != 200:
            if time.monotonic() - begun > START_S:
                raise RuntimeError(f"{path} is not ready after {START_S:g} s")
            await asyncio.sleep(0.02)
    return time.monotonic() - begun
