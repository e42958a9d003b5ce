"""A small ComfyUI client for these tests, and the graphs they run."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from tests.patience import PATIENCE_S

Graph = dict[str, Any]
Message = tuple[str, Any]


@dataclass
class Socket:
    """One WebSocket; a message is (type, data), a binary frame is ("binary", bytes)."""

    ws: aiohttp.ClientWebSocketResponse
    id: str

    async def next(self) -> Message:
        message = await self.ws.receive(timeout=PATIENCE_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            return "binary", message.data
        assert message.type is aiohttp.WSMsgType.TEXT, message
        body = json.loads(message.data)
        return body["type"], body["data"]

    async def until(self, kind: str, **wanted: Any) -> list[Message]:
        """Everything up to and with the first message of a kind that has these values."""
        seen: list[Message] = []
        while True:
            seen.append(await self.next())
            found, data = seen[-1]
            if found == kind and all(data.get(key) == value for key, value in wanted.items()):
                return seen

    async def until_end(self, job: str) -> list[Message]:
        return await self.until("executing", node=None, prompt_id=job)


class Comfy:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.http = session

    @asynccontextmanager
    async def socket(self, metadata: bool = False) -> AsyncIterator[Socket]:
        client = str(uuid.uuid4())
        async with self.http.ws_connect(f"/ws?clientId={client}", max_msg_size=0) as ws:
            if metadata:
                await ws.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
            socket = Socket(ws, client)
            await socket.until("status")
            if metadata:
                await socket.until("feature_flags")
            yield socket

    async def get(self, path: str, **query: Any) -> Any:
        async with self.http.get(path, params=query) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.json()

    async def post(self, path: str, body: Any) -> int:
        async with self.http.post(path, json=body) as answer:
            return answer.status

    async def submit(self, graph: Graph, **more: Any) -> tuple[int, dict[str, Any]]:
        async with self.http.post("/prompt", json={"prompt": graph, **more}) as answer:
            return answer.status, await answer.json()

    async def queue(self, graph: Graph, **more: Any) -> str:
        status, body = await self.submit(graph, **more)
        assert status == 200, body
        return str(body["prompt_id"])

    async def run(self, graph: Graph, **more: Any) -> dict[str, Any]:
        """Run a graph to its end; gives its history entry."""
        return await self.ended(await self.queue(graph, **more))

    async def ended(self, job: str) -> dict[str, Any]:
        for _ in range(1500):
            if entry := (await self.get(f"/history/{job}")).get(job):
                return dict(entry)
            await asyncio.sleep(0.01)
        raise AssertionError("the job did not end")

    async def picture(self, entry: dict[str, Any], node: str = "out", place: int = 0) -> NDArray[np.uint8]:
        image = PIL.Image.open(io.BytesIO(await self.file(entry["outputs"][node]["images"][place])))
        return np.asarray(image.convert("RGB"))

    async def file(self, item: dict[str, str]) -> bytes:
        async with self.http.get("/view", params=item) as answer:
            assert answer.status == 200
            return await answer.read()

    async def upload(self, body: bytes, name: str | None = None, **fields: str) -> tuple[int, Any]:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("image", body, filename=name or f"{uuid.uuid4()}.png")
        for key, value in fields.items():
            form.add_field(key, value)
        async with self.http.post("/upload/image", data=form) as answer:
            return answer.status, await answer.json() if answer.status == 200 else None

    async def checkpoint(self) -> str:
        return str((await self.get("/models/checkpoints"))[0])


def png(pixels: NDArray[np.uint8]) -> bytes:
    body = io.BytesIO()
    PIL.Image.fromarray(pixels).save(body, "PNG")
    return body.getvalue()


def noise(height: int = 40, width: int = 56, channels: int = 3, seed: int = 7) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def unique() -> str:
    """A prefix nobody used before, so that nothing comes from the cache."""
    return f"test-{uuid.uuid4().hex[:10]}"


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def empty(color: int = 0, width: int = 16, height: int = 16, batch: int = 1) -> Graph:
    """The smallest graph: a plain picture, saved under a new name."""
    return {
        "in": node("EmptyImage", width=width, height=height, batch_size=batch, color=color),
        "out": node("SaveImage", images=["in", 0], filename_prefix=unique()),
    }


def through(name: str, kind: str, **inputs: Any) -> Graph:
    """Load an input picture, put it through one node, save it."""
    return {
        "in": node("LoadImage", image=name),
        "do": node(kind, image=["in", 0], **inputs),
        "out": node("SaveImage", images=["do", 0], filename_prefix=unique()),
    }


def sketch(
    checkpoint: str, text: str = "a lake", seed: int = 1, steps: int = 3, size: int = 64, batch: int = 1
) -> Graph:
    """Text to image."""
    return {
        "model": node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "latent": node("EmptyLatentImage", width=size, height=size, batch_size=batch),
        "yes": node("CLIPTextEncode", text=text, clip=["model", 1]),
        "no": node("CLIPTextEncode", text="", clip=["model", 1]),
        "sample": node(
            "KSampler",
            model=["model", 0],
            positive=["yes", 0],
            negative=["no", 0],
            latent_image=["latent", 0],
            seed=seed,
            steps=steps,
            cfg=7.0,
            sampler_name="euler",
            scheduler="normal",
            denoise=1.0,
        ),
        "decode": node("VAEDecode", samples=["sample", 0], vae=["model", 2]),
        "out": node("SaveImage", images=["decode", 0], filename_prefix=unique()),
    }
