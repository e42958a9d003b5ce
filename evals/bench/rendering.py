"""What the executor adds: twenty jobs through it at once, and through a bare script one by one, on one warm server."""

from __future__ import annotations

import json
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import websockets

from base.http import client
from base.ids import new_id
from evals.bench.assembly import open_bench
from evals.bench.figures import Figure
from evals.bench.house import comfy
from evals.servers import postgres_server, redis_server
from tools.model import Capabilities, MediaKind, Plan, Step, Tool
from tools.service import build_graph, choose_implementation

JOBS, STEPS, STEP_S = 20, 10, 0.2
SIDE = 256  # small, so that the time of a job is the delay and not this machine's painting


async def figures(folder: Path) -> list[Figure]:
    """The ratio of wall times and the milliseconds added to a job."""
    found = await _figures("SQLite", folder / "sqlite", None, None)
    with postgres_server(folder / "pg") as database, redis_server(folder / "redis") as redis:
        return [*found, *await _figures("PostgreSQL and Redis", folder / "shared", database, redis.url)]


async def _figures(name: str, folder: Path, database: str | None, redis: str | None) -> list[Figure]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(comfy(folder / "comfy", STEP_S))
        opening = open_bench(folder / "studio", url, database=database, redis=redis)
        bench = await stack.enter_async_context(opening)
        capabilities = await bench.capabilities()
        await bench.render([_plan(0)])  # both sides find a warm server
        ours = await bench.render([_plan(seed) for seed in range(1, JOBS + 1)])
        bare = await _bare(url, [_graph(bench.tool, capabilities, seed) for seed in range(1001, 1001 + JOBS)])
    note = f"{JOBS} jobs of {bare / JOBS:.2f} s, {ours:.2f} s against {bare:.2f} s"
    return [
        Figure(f"executor over a bare script, {name}", ours / bare, "x", 1.05, note),
        Figure(f"added to a job, {name}", 1000 * (ours - bare) / JOBS, "ms", 30),
    ]


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
