"""The application on a real socket, with a studio whose rendering is faked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from agent.protocols import Studio
from base.db import Database
from base.settings import Limits, Settings
from tests.patience import PATIENCE_S
from tests.web.fakes import FakeStudio, fake_studio
from web.app import create_app
from web.server import server_config

UPLOAD_LIMIT = 200_000


@dataclass
class Site:
    """A running application and what is behind it."""

    url: str
    behind: FakeStudio
    settings: Settings

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A person with their own cookie jar."""
        return httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=PATIENCE_S)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, limits=Limits(upload_bytes=UPLOAD_LIMIT), _env_file=None)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A built page."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>StationThis</title>")
    (folder / "assets" / "index-1a2b.js").write_text("export {}")
    return folder


@pytest.fixture
async def site(sqlite: Database, tmp_path: Path, settings: Settings, static: Path) -> AsyncIterator[Site]:
    """On SQLite."""
    async with running_site(sqlite, tmp_path, settings, static) as running:
        yield running


@pytest.fixture
async def both_sites(
    database: Database, tmp_path: Path, settings: Settings, static: Path
) -> AsyncIterator[Site]:
    """Once on SQLite and once on PostgreSQL."""
    async with running_site(database, tmp_path, settings, static) as running:
        yield running


@pytest.fixture
async def person(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with an account."""
    async with site.client() as client:
        assert (await client.post("/api/v1/conversations")).status_code == 201
        yield client


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else with an account."""
    async with site.client() as client:
        assert (await client.post("/api/v1/conversations")).status_code == 201
        yield client


@asynccontextmanager
async def running_site(
    database: Database, folder: Path, settings: Settings, static: Path
) -> AsyncIterator[Site]:
    """Serve on a free port of this machine, in this very loop."""
    (folder / "media").mkdir()
    behind = fake_studio(database, folder / "media", settings)

    @asynccontextmanager
    async def open_studio() -> AsyncIterator[Studio]:
        yield behind.studio

    app = create_app(open_studio, cors_origins=settings.cors_origins, static=static)
    server = uvicorn.Server(server_config(app, "127.0.0.1", 0))
    serving = asyncio.create_task(server._serve())
    while not server.started:
        assert not serving.done(), "the server did not start"
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Site(f"http://127.0.0.1:{port}", behind, settings)
    finally:
        server.should_exit = True
        await serving


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Assert that the answer is a whole RFC 9457 problem, and give it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "code", "action", "correlation_id"} <= body.keys()
    assert (body["status"], body["code"]) == (status, code), json.dumps(body)
    assert body["correlation_id"] == response.headers["x-correlation-id"]
    return body
