"""How long a person waits: from sending a message to its first event, its plan and its picture."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import httpx

from agent.testing import Says, ScriptedModel
from base.http import client
from evals.bench.figures import Figure, median
from evals.bench.house import house

PROMPTS = (
    "a cyberpunk cityscape at night", "a lighthouse in the fog", "a fox in a snowy forest", "sailboats at sunset",
    "an old library with tall windows", "a desert road under stars", "a bowl of ramen", "a castle in the clouds",
    "portrait of a blacksmith", "a garden after the rain",
)  # fmt: skip


async def figures(folder: Path) -> list[Figure]:
    """Start twice, as a person does; then talk for a while in one conversation; then once more with a language model."""
    async with house(folder / "data") as first:
        pass
    async with house(folder / "data") as second, client(second.url) as http:
        waits = await _talk(http)
        memory = second.resident_mb()
    return [
        Figure("first start, /readyz", first.ready_s, "s"),
        Figure("later start, /healthz", second.healthy_s, "s", 3),
        Figure("later start, /readyz", second.ready_s, "s", 15),
        median("message to first event", [1000 * wait["turn.started"] for wait in waits], "ms", 50),
        median("message to plan", [1000 * wait["plan"] for wait in waits], "ms", 150),
        median("message to a 768 px sketch", [wait["run.output"] for wait in waits], "s", 3),
        Figure("serving process, embedded planner", memory, "MB", 900),
        Figure("serving process, litellm loaded too", await _memory_with_a_model(folder), "MB", 900),
    ]


async def _memory_with_a_model(folder: Path) -> float:
    async with ScriptedModel(*[Says("{}")] * 8) as model:
        settings = {"STATIONTHIS_MODEL": "openai/test", "STATIONTHIS_MODEL_URL": model.url, "STATIONTHIS_MODEL_KEY": "none"}
        async with house(folder / "data", **settings) as server, client(server.url) as http:
            await _talk(http, PROMPTS[:1])
            return server.resident_mb()


async def _talk(http: httpx.AsyncClient, prompts: tuple[str, ...] = PROMPTS) -> list[dict[str, float]]:
    conversation = (await http.post("/api/v1/conversations", json={})).json()["id"]
    arrivals: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
    listening = asyncio.create_task(_listen(http, conversation, arrivals))
    try:
        return [await _waits(http, conversation, prompt, arrivals) for prompt in prompts]
    finally:
        listening.cancel()


async def _waits(
    http: httpx.AsyncClient, conversation: str, prompt: str, arrivals: asyncio.Queue[tuple[str, float]]
) -> dict[str, float]:
    """Seconds from sending to the first event of each type."""
    begun = time.monotonic()
    waits: dict[str, float] = {}
    await http.post(f"/api/v1/conversations/{conversation}/messages", json={"text": f"Generate {prompt}"})
    while "turn.completed" not in waits:
        kind, at = await asyncio.wait_for(arrivals.get(), 60)
        waits.setdefault(kind, at - begun)
    if "run.output" not in waits:
        raise RuntimeError(f"{prompt!r} gave no picture, only {', '.join(waits)}")
    return waits


async def _listen(http: httpx.AsyncClient, conversation: str, arrivals: asyncio.Queue[tuple[str, float]]) -> None:
    async with http.stream("GET", f"/api/v1/conversations/{conversation}/events", timeout=None) as response:
        async for line in response.aiter_lines():
            if line.startswith("data:"):
                arrivals.put_nowait((json.loads(line.removeprefix("data:"))["type"], time.monotonic()))
