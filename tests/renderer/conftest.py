"""The server under test: a renderer in this process, or a real ComfyUI named by TEST_COMFY_URL."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from executor.renderer.config import Config
from executor.renderer.server import running
from tests.renderer.client import Comfy

REAL = os.environ.get("TEST_COMFY_URL", "").rstrip("/")

Start = Callable[..., AbstractAsyncContextManager[Comfy]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts a renderer with any configuration; only for what a real ComfyUI does not have."""
    if REAL:
        pytest.skip("is about the embedded renderer alone")

    @asynccontextmanager
    async def starter(**options: Any) -> AsyncIterator[Comfy]:
        async with running(Config(tmp_path, **options)) as port, _client(f"http://127.0.0.1:{port}") as comfy:
            yield comfy

    return starter


@pytest.fixture
async def comfy(tmp_path: Path) -> AsyncIterator[Comfy]:
    """A server that speaks the protocol; whatever is promised of it is promised of ComfyUI too."""
    if REAL:
        async with _client(REAL) as client:
            yield client
        return
    async with running(Config(tmp_path)) as port, _client(f"http://127.0.0.1:{port}") as client:
        yield client


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Comfy]:
    async with aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield Comfy(session)
