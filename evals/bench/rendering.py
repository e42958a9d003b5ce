"""What the executor adds: twenty jobs through it at once, and through a bare script one by one, on one warm server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import websockets

from accounts.keys import StandardKeyStore
from accounts.service import Accounts
from base import schema
from base.bell import LocalBell
from base.clock import SystemClock
from base.db import Database
from base.events import EventLog
from base.http import client
from base.ids import new_id
from base.settings import load_secrets, load_settings
from evals.bench.figures import Figure
from evals.bench.house import comfy
from executor.assembly import Executor, open_executor
from executor.model import Owner
from tools.index import ToolIndex
from tools.model import Capabilities, MediaKind, Plan, Step, Tool
from tools.service import ToolCatalogue, build_graph, choose_implementation, load_tools
from tools.testing import HashEncoder

JOBS, STEPS, STEP_S = 20, 10, 0.2
SIDE = 256  # small, so that the time of a job is the delay and not this machine's painting


class Studio:
    """An executor in front of one ComfyUI, and an account to run things for."""

    def __init__(self, executor: Executor, db: Database, events: EventLog, owner: Owner, tool: Tool) -> None:
        self.executor, self.tool, self._db, self._events, self._owner = executor, tool, db, events, owner

    async def capabilities(self) -> Capabilities:
        while True:
            for capabilities in self.executor.pool.capabilities():
                if not capabilities.unknown:
                    return capabilities
            await asyncio.sleep(0.05)

    async def render(self, seeds: list[int]) -> float:
        """Seconds from handing over all jobs to the end of the last."""
        begun = time.monotonic()
        runs = []
        for seed in seeds:
            async with self._db.write() as tx:
                start = self.executor.runs.start(tx, _plan(seed), self._owner, origin=None, correlation_id=new_id())
                runs.append(await start)
        await asyncio.gather(*map(self._ended, runs))
        return time.monotonic() - begun

    async def _ended(self, run: str) -> None:
        async for event in self._events.follow(f"run:{run}"):
            if event.type == "run.completed":
                return
            if event.type in ("run.failed", "run.cancelled"):
                raise RuntimeError(f"a job ended as {event.type}: {event.data.get('code')}")


async def figures(folder: Path) -> list[Figure]:
    """The ratio of wall times and the milliseconds added to a job."""
    async with comfy(folder / "comfy", STEP_S) as url, _studio(folder / "studio", url) as studio:
        capabilities = await studio.capabilities()
        await studio.render([0])  # both sides find a warm server
        ours = await studio.render(list(range(1, JOBS + 1)))
        bare = await _bare(url, [_graph(studio.tool, capabilities, seed) for seed in range(1001, 1001 + JOBS)])
    note = f"{JOBS} jobs of {bare / JOBS:.2f} s, {ours:.2f} s against {bare:.2f} s"
    return [
        Figure("executor over a bare script", ours / bare, "x", 1.05, note),
        Figure("added to a job", 1000 * (ours - bare) / JOBS, "ms", 30),
    ]


@asynccontextmanager
async def _studio(data: Path, url: str) -> AsyncIterator[Studio]:
    settings = load_settings(data=data, comfy_urls=(url,), database_url=None)
    data.mkdir(parents=True)
    await schema.upgrade(settings.resolved_database_url)
    db, clock, bell = Database(settings.resolved_database_url), SystemClock(), LocalBell()
    secrets = load_secrets(settings)
    keys = StandardKeyStore(db, secrets.master, clock)
    events = EventLog(db, keys, bell, clock)
    account = await Accounts(db, keys, clock, secrets.cookie).create_anonymous()
    catalogue = ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), data / "cache", None))
    opening = open_executor(settings, db, keys, events, bell, clock, build_graph, catalogue, renderer=None)
    async with opening as executor:
        owner = Owner(account.id, account.tier, account.scope)
        yield Studio(executor, db, events, owner, catalogue.get("text_to_image"))
    await db.close()


def _params(seed: int) -> dict[str, Any]:
    return {"prompt": "a lighthouse", "width": SIDE, "height": SIDE, "steps": STEPS, "seed": seed}


def _plan(seed: int) -> Plan:
    outputs = {"image": MediaKind.IMAGE}
    step = Step(id="s1", tool="text_to_image", title="Text to image", params=_params(seed), outputs=outputs)
    return Plan(id=new_id(), summary="bench", steps=(step,))


def _graph(tool: Tool, capabilities: Capabilities, seed: int) -> dict[str, Any]:
    implementation = choose_implementation(tool, capabilities, _params(seed))
    assert implementation is not None
    return dict(build_graph(tool, implementation, _params(seed), {}, {}, capabilities, f"bare-{seed}").graph)


async def _bare(url: str, graphs: list[dict[str, Any]]) -> float:
    """Post, wait for the end, fetch the file; then the next."""
    me = new_id()
    socket = url.replace("http://", "ws://") + f"/ws?clientId={me}"
    async with client(url) as http, websockets.connect(socket, max_size=None) as messages:
        begun = time.monotonic()
        for graph in graphs:
            await _one(http, messages, graph, me)
        return time.monotonic() - begun


async def _one(http: httpx.AsyncClient, messages: websockets.ClientConnection, graph: dict[str, Any], me: str) -> None:
    prompt = (await http.post("/prompt", json={"prompt": graph, "client_id": me})).json()["prompt_id"]
    async for message in messages:
        if isinstance(message, str):
            body = json.loads(message)
            data = body["data"]
            if body["type"] == "executing" and data.get("node") is None and data.get("prompt_id") == prompt:
                break
    outputs = (await http.get(f"/history/{prompt}")).json()[prompt]["outputs"]
    for image in (image for output in outputs.values() for image in output.get("images", [])):
        (await http.get("/view", params=image)).raise_for_status()
