"""What it saves that steps share a graph: the same plans step by step and fused, on the embedded renderer and on a server
that is as far away and loads as long as a rented one.

Each plan is run alone, since that is what a person waits for; seeds differ, so that nothing was there before.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from aiohttp import web

from base.ids import new_id
from evals.bench.assembly import open_bench
from evals.bench.figures import Figure
from evals.bench.house import comfy
from executor.testing import FaultyComfy, picture
from tools.model import MediaKind, Plan, Step, StepRef

TIMES = 5
SIDE = 512
ROUND_TRIP_S, BYTES_PER_S = 0.06, 12_500_000
"""Of a request, and of a line of 100 Mbit/s."""
NODE_S = {"CheckpointLoaderSimple": 3.0, "CLIPTextEncode": 0.1, "KSampler": 1.5, "VAEDecode": 0.2}
"""Seconds of a node on the distant server; anything else takes a fiftieth."""
PIXELS = (1024, 1024)
"""Of every picture that it gives: noise, three megabytes, as a large photo has."""


class Distant(FaultyComfy):
    """A server at the other end of a line, with nodes that take their time. As a real one it keeps what the last graph used."""

    def __init__(self) -> None:
        super().__init__()
        self._warm: set[str] = set()

    async def _view(self, request: web.Request) -> web.Response:
        begun = time.monotonic()
        data = await asyncio.to_thread(picture, PIXELS, text=request.query["filename"], compress_level=0)
        await asyncio.sleep(max(0.0, ROUND_TRIP_S + len(data) / BYTES_PER_S - (time.monotonic() - begun)))
        return web.Response(body=data, content_type="image/png")

    async def _upload(self, request: web.Request) -> web.Response:
        await asyncio.sleep(ROUND_TRIP_S + (request.content_length or 0) / BYTES_PER_S)
        return await super()._upload(request)

    async def _prompt(self, request: web.Request) -> web.Response:
        await asyncio.sleep(ROUND_TRIP_S)
        return await super()._prompt(request)

    async def _render(self, body: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        nodes = body["prompt"]
        cold = {key for key, node in nodes.items() if str(node) not in self._warm}
        for key in _saving_soonest(nodes):
            await self._send(body, "executing", {"node": key, "display_node": key})
            await asyncio.sleep(NODE_S.get(nodes[key]["class_type"], 0.02) if key in cold else 0.0)
            await self._tell(body, {key: given[key]} if key in given else {})
        self._warm = {str(node) for node in nodes.values() if node["class_type"] == "CheckpointLoaderSimple"}
        return given


def _saving_soonest(nodes: dict[str, Any]) -> list[str]:
    """Each picture is saved as soon as it can be, before the next is begun."""
    order: dict[str, None] = {}

    def visit(key: str) -> None:
        for value in nodes[key]["inputs"].values():
            if isinstance(value, list) and value[0] not in order:
                visit(value[0])
        order[key] = None

    for key, node in nodes.items():
        if node["class_type"] == "SaveImage":
            visit(key)
    return list(order)


async def figures(folder: Path) -> list[Figure]:
    """Seconds from the request to the last picture, fused, beside those step by step."""
    found = []
    for where, server in (("embedded renderer", _embedded), ("a server far away", _distant)):
        for what, steps in (("a chain of four", _chain), ("four variations", _variations)):
            apart, fused = await _beside(folder / new_id(), server, steps)
            ratio = statistics.median(one / other for one, other in zip(apart, fused, strict=True))
            note = f"{statistics.median(apart):.2f} s step by step: {ratio:.2f} times as long"
            found.append(Figure(f"{what}, {where}", statistics.median(fused), "s", None, note))
    return found


async def _beside(folder: Path, server: Any, steps: Any) -> tuple[list[float], list[float]]:
    """Seconds step by step and fused, in turns, each on a server of its own: what else this machine does falls on both."""
    async with (
        server(folder / "one") as one, server(folder / "other") as other,
        open_bench(folder / "apart", one, fuse=False) as apart, open_bench(folder / "fused", other) as fused,
    ):  # fmt: skip
        taken: tuple[list[float], list[float]] = ([], [])
        for turn in range(TIMES + 1):
            for bench, times in zip((apart, fused), taken, strict=True):
                await bench.capabilities()
                times.append(await bench.render([_plan(steps(10 * turn))]))
        return taken[0][1:], taken[1][1:]


def _embedded(folder: Path) -> AbstractAsyncContextManager[str]:
    return comfy(folder, 0.0)


class _distant:
    """The address of a distant server."""

    def __init__(self, _folder: Path) -> None:
        self._server = Distant()

    async def __aenter__(self) -> str:
        return (await self._server.__aenter__()).url

    async def __aexit__(self, *why: object) -> None:
        await self._server.__aexit__(*why)


def _plan(steps: tuple[Step, ...]) -> Plan:
    return Plan(id=new_id(), summary="bench", steps=steps)


def _variations(seed: int) -> tuple[Step, ...]:
    return tuple(_drawn(f"s{number}", seed + number) for number in range(4))


def _chain(seed: int) -> tuple[Step, ...]:
    return (
        _drawn("s1", seed), _changed("s2", "s1", "resize_image", factor=2), _changed("s3", "s2", "crop_image", ratio="16:9"),
        _changed("s4", "s3", "invert_image"),
    )  # fmt: skip


def _drawn(name: str, seed: int) -> Step:
    params = {"prompt": "a lighthouse", "width": SIDE, "height": SIDE, "steps": 4, "seed": seed}
    return Step(id=name, tool="text_to_image", title="Create", params=params, outputs={"image": MediaKind.IMAGE})


def _changed(name: str, of: str, tool: str, **params: Any) -> Step:
    inputs = {"image": (StepRef(step_id=of),)}
    return Step(id=name, tool=tool, title="Change", params=params, inputs=inputs, outputs={"image": MediaKind.IMAGE})
