"""The renderer as a process of its own: it says where it listens, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.patience import PATIENCE_S
from tests.renderer.client import Comfy, sketch
from tests.renderer.conftest import REAL

pytestmark = pytest.mark.skipif(bool(REAL), reason="starts the embedded renderer")


@asynccontextmanager
async def child(
    data: Path, *options: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "executor.renderer", "--data", str(data), "--parent-pipe", *options],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def busy(hello: dict[str, Any]) -> AsyncIterator[None]:
    """A long job is in the middle of its sampling, and its client listens."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{hello['port']}") as session:
        comfy = Comfy(session)
        async with comfy.socket() as socket:
            await comfy.queue(sketch("other.safetensors"), client_id=socket.id)
            await socket.until("executing", node="sample")
            yield


async def test_it_ends_when_its_parents_pipe_closes_even_in_the_middle_of_a_job(tmp_path: Path) -> None:
    async with child(tmp_path, "--step-delay", "600", "--checkpoint", "other.safetensors") as (
        process,
        hello,
    ):
        assert hello["pid"] == process.pid
        assert process.stdin is not None
        async with busy(hello):
            process.stdin.close()
            assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0


async def test_it_ends_on_sigterm_even_in_the_middle_of_a_job(tmp_path: Path) -> None:
    async with (
        child(tmp_path, "--step-delay", "600", "--checkpoint", "other.safetensors") as (
            process,
            hello,
        ),
        busy(hello),
    ):
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0


async def test_a_restart_keeps_outputs_and_inputs_and_wipes_temp(tmp_path: Path) -> None:
    for kind in ("input", "output", "temp"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "x.png").write_bytes(b"x")
    async with child(tmp_path):
        assert (tmp_path / "input" / "x.png").exists()
        assert (tmp_path / "output" / "x.png").exists()
        assert not (tmp_path / "temp" / "x.png").exists()


async def test_it_imports_nothing_of_the_house_and_nothing_heavy() -> None:
    probe = (
        "import sys, executor.renderer.server\n"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('base', 'tools', 'agent', 'accounts', 'torch', 'scipy', 'sqlalchemy')"
        " or m.startswith('executor.') and not m.startswith('executor.renderer')])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", probe, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.strip() == b"[]"
