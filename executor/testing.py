"""A ComfyUI that misbehaves on request, on a real socket, for the tests of every room.

It speaks enough of the protocol to run graphs without looking at them: each picture is a small PNG whose text chunk
holds the prompt, as ComfyUI's do. Time never decides anything: a job ends when `hold` is released.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import struct
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import BodyPartReader, WSMsgType, web

from base.testing import held_port
from executor.crowding import Crowd
from executor.pace import Pace

__all__ = ["NODES", "QUICK", "Crowd", "FaultyComfy", "Saved", "picture"]

#: Intervals for tests: everything happens soon, in the same order.
QUICK = Pace(
    heartbeat_s=0.2, lease_s=3.0, poll_s=0.05, history_s=0.3, blind_s=0.02, grace_s=0.2, answer_s=2.0, dead_s=1.0, late_s=0.5,
    rest_s=(0.2, 0.8), cancel_s=3.0, refresh_s=0.3, room_s=0.2, backoff_s=(0.02, 0.1), retry_s=(0.0, 0.05, 0.1),
)  # fmt: skip

NODES = (
    "CheckpointLoaderSimple", "CLIPTextEncode", "EmptyLatentImage", "KSampler", "VAEDecode", "VAEEncode", "LoadImage",
    "SaveImage", "ImageScale", "ImageScaleBy", "ImageCrop", "ImageInvert",
)  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """What a node gives: files (ending, bytes, declared type) under a key of its own, texts, a path as a 3D viewer says it."""

    key: str = "images"
    files: tuple[tuple[str, bytes, str], ...] = ()
    texts: tuple[str, ...] = ()
    viewed: str | None = None


class FaultyComfy:
    """`async with FaultyComfy() as server:`; set an attribute to make it misbehave."""

    version = "0.3.64"
    vram_gb: float | None = None
    """None: it tells of no GPU."""
    vram_used_gb: float | None = None
    status: int | None = None
    """Answer everything with this status (429, 500 ...)."""
    html = False
    """Answer everything with a web page."""
    garbled = False
    """Say that what it sends is compressed, and send it as it is: what proxies do."""
    silent = False
    """Accept requests and never answer."""
    answer: tuple[int, dict[str, Any]] | None = None
    """What POST /prompt says instead of running anything."""
    taken_as = 200
    """The status with which POST /prompt takes a job."""
    node_errors: dict[str, Any] | None = None
    """Run the graph, but name errors in the 200."""
    raises: dict[str, Any] | None = None
    """`execution_error` data that jobs end with."""
    raises_with: str | None = None
    """Only those whose graph has a node of this class."""
    forgets = False
    """Accept jobs, then have them neither in queue nor history."""
    gone = 0
    """How many times /view answers 404."""
    file: tuple[bytes, str] | None = None
    """Bytes and media type that /view sends instead of a picture."""
    max_upload_bytes: int | None = 100 << 20
    """What /features says; None: too old to have such a route."""
    empty = False
    """Succeed without outputs."""
    early = 0
    """So many nodes have saved before a job waits for `hold`; they stay saved when it fails then."""
    deaf = False
    """Accept every wish to stop a job, and stop none."""
    mute = False
    """Send nothing over the socket."""
    preview: bytes | None = None
    port = 0

    def __init__(self, *, nodes: Sequence[str] = NODES, checkpoints: Sequence[str] = ("real.safetensors",)) -> None:
        self.nodes, self.checkpoints = tuple(nodes), tuple(checkpoints)
        self.saves: dict[str, Saved] = {}
        """Class of a node -> what it gives, beside SaveImage's pictures."""
        self.received: dict[str, int] = {}
        """Uploaded file, with its folder -> bytes."""
        self.hold = asyncio.Event()
        """Jobs end only while it is set (it is, at first)."""
        self.hold.set()
        self.accept = asyncio.Event()
        """POST /prompt is answered only while it is set (it is, at first)."""
        self.accept.set()
        self.prompts: list[dict[str, Any]] = []
        self.most_at_once = 0
        """Jobs that it rendered and held at once, at the most."""
        self.interrupts: list[str | None] = []
        self.deleted: list[str] = []
        self.uploads: list[str] = []
        self.origins: list[str | None] = []
        self.first_messages: list[Any] = []
        self.running: str | None = None
        self.pending: list[dict[str, Any]] = []
        self.history: dict[str, Any] = {}
        self.done = 0
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._files: dict[str, tuple[bytes, str]] = {}
        self._wake = asyncio.Event()
        self._interrupted = asyncio.Event()
        self._seat = ExitStack()
        self._runner: web.AppRunner | None = None
        self._executor: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self.port = self._seat.enter_context(held_port())
        await self.rise()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.die()
        self._seat.close()

    async def rise(self) -> None:
        """Listen; after `die` on the same port, with an empty memory, as a restarted server."""
        self.pending, self.history, self.running = [], {}, None
        self._runner = web.AppRunner(self._app(), shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self._executor = asyncio.create_task(self._execute())

    async def die(self) -> None:
        """Drop every connection and forget every job."""
        if self._executor is not None:
            self._executor.cancel()
            await asyncio.gather(self._executor, return_exceptions=True)
        for socket in list(self._sockets.values()):
            request = socket._req
            if request is not None and request.transport is not None:
                request.transport.abort()
        self._sockets.clear()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- HTTP

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._moods], client_max_size=1 << 32)
        app.add_routes([
            web.get("/ws", self._ws), web.get("/system_stats", self._stats), web.get("/object_info", self._info),
            web.get("/features", self._features),
            web.post("/prompt", self._prompt), web.get("/queue", self._queue), web.post("/queue", self._delete),
            web.post("/interrupt", self._interrupt), web.get("/history/{id}", self._history), web.get("/view", self._view),
            web.post("/history", self._forget), web.post("/upload/image", self._upload),
        ])  # fmt: skip
        return app

    @web.middleware
    async def _moods(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.silent:
            await asyncio.Event().wait()
        if self.html:
            return web.Response(text="<html><body>Welcome to nginx</body></html>", content_type="text/html")
        if self.garbled:
            return web.Response(body=b"{}", headers={"Content-Encoding": "gzip"}, content_type="application/json")
        if self.status is not None:
            return web.Response(status=self.status, text="no")
        response: web.StreamResponse = await handler(request)
        return response

    async def _stats(self, _: web.Request) -> web.Response:
        gpu = {"name": "cuda:0 stand-in", "type": "cuda", "index": 0, "vram_total": int((self.vram_gb or 0) * 2**30)}
        if self.vram_used_gb is not None:
            gpu["vram_free"] = int(((self.vram_gb or 0) - self.vram_used_gb) * 2**30)
        devices = [] if self.vram_gb is None else [gpu]
        return web.json_response({"system": {"comfyui_version": self.version}, "devices": devices})

    async def _info(self, _: web.Request) -> web.Response:
        info: dict[str, Any] = {name: {"input": {"required": {}}} for name in self.nodes}
        if "CheckpointLoaderSimple" in info:
            info["CheckpointLoaderSimple"] = {"input": {"required": {"ckpt_name": [list(self.checkpoints)]}}}
        return web.json_response(info)

    async def _features(self, _: web.Request) -> web.Response:
        if self.max_upload_bytes is None:
            return web.Response(status=404)
        return web.json_response({"supports_preview_metadata": True, "max_upload_size": float(self.max_upload_bytes)})

    async def _prompt(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.prompts.append(body)
        await self.accept.wait()
        if self.answer is not None:
            return web.json_response(self.answer[1], status=self.answer[0])
        if not self.forgets:
            self.pending.append(body)
            self.most_at_once = max(self.most_at_once, len(self.pending) + (self.running is not None))
            self._wake.set()
        return web.json_response(
            {"prompt_id": body["prompt_id"], "number": 1, "node_errors": self.node_errors or {}}, status=self.taken_as
        )

    async def _queue(self, _: web.Request) -> web.Response:
        running = [[0, self.running, {}, {}, []]] if self.running else []
        return web.json_response(
            {"queue_running": running, "queue_pending": [[1, b["prompt_id"], {}, {}, []] for b in self.pending]}
        )

    async def _delete(self, request: web.Request) -> web.Response:
        ids = (await request.json())["delete"]
        self.deleted += ids
        if self.deaf:
            return web.Response()
        self.pending = [body for body in self.pending if body["prompt_id"] not in ids]
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.Response:
        prompt_id = (await request.json()).get("prompt_id")
        self.interrupts.append(prompt_id)
        if prompt_id in (None, self.running) and not self.deaf:
            self._interrupted.set()
        return web.Response()

    async def _history(self, request: web.Request) -> web.Response:
        prompt_id = request.match_info["id"]
        entry = self.history.get(prompt_id)
        return web.json_response({prompt_id: entry} if entry else {})

    async def _forget(self, request: web.Request) -> web.Response:
        for prompt_id in (await request.json())["delete"]:
            self.history.pop(prompt_id, None)
        return web.Response()

    async def _view(self, request: web.Request) -> web.Response:
        if self.gone > 0:
            self.gone -= 1
            return web.Response(status=404)
        if self.file is not None:
            return web.Response(body=self.file[0], content_type=self.file[1])
        name = request.query["filename"]
        if name in self._files:
            return web.Response(body=self._files[name][0], content_type=self._files[name][1])
        return web.Response(body=picture(text=name), content_type="image/png")

    async def _upload(self, request: web.Request) -> web.Response:
        folder, name, total = "", "", 0
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "subfolder":
                folder = await part.text()
                continue
            name, total = part.filename or "", 0
            while chunk := await part.read_chunk(1 << 20):
                total += len(chunk)
        self.uploads.append(name)
        self.received[f"{folder}/{name}" if folder else name] = total
        return web.json_response({"name": name, "subfolder": folder, "type": "input"})

    # --- the socket

    async def _ws(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.origins.append(request.headers.get("Origin"))
        client_id = request.query["clientId"]
        self._sockets[client_id] = socket
        await socket.send_json({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client_id}})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.first_messages.append(json.loads(message.data))
        self._sockets.pop(client_id, None)
        return socket

    async def _send(self, body: Mapping[str, Any], kind: str, data: dict[str, Any]) -> None:
        socket = self._sockets.get(str(body.get("client_id")))
        if socket is not None and not self.mute:
            await socket.send_json({"type": kind, "data": {**data, "prompt_id": body["prompt_id"]}})

    # --- jobs, one at a time

    async def _execute(self) -> None:
        while True:
            if not self.pending:
                self._wake.clear()
                await self._wake.wait()
                continue
            body = self.pending.pop(0)
            self.running = body["prompt_id"]
            self._interrupted.clear()
            await self._run(body)

    async def _run(self, body: dict[str, Any]) -> None:
        await self._send(body, "execution_start", {"timestamp": 1000})
        given = {} if self.empty else self._outputs(body)
        early = await self._render(body, given)
        ending, data = self._ending(body)
        outputs = given if ending == "execution_success" else early
        await self._tell(body, {node: output for node, output in outputs.items() if node not in early})
        start = ["execution_start", {"prompt_id": body["prompt_id"], "timestamp": 1000}]
        end = [ending, {"prompt_id": body["prompt_id"], "timestamp": 3000, **data}]
        done = ending == "execution_success"
        status = {"status_str": "success" if done else "error", "completed": done, "messages": [start, end]}
        self.running = None
        self.done += 1
        self.history[body["prompt_id"]] = {"prompt": [], "outputs": outputs, "status": status, "meta": {}}
        await self._send(body, ending, {"timestamp": 3000})
        await self._send(body, "executing", {"node": None})

    async def _render(self, body: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """The time that a job takes; returns what was saved and told by then."""
        sampler = next(iter(body["prompt"]))
        await self._send(body, "executing", {"node": sampler, "display_node": sampler})
        await self._send(body, "progress", {"value": 1, "max": 2, "node": sampler})
        await self._send_preview(body)
        early = dict(list(given.items())[: self.early])
        await self._tell(body, early)
        hold, stop = asyncio.create_task(self.hold.wait()), asyncio.create_task(self._interrupted.wait())
        try:
            await asyncio.wait({hold, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hold.cancel()
            stop.cancel()
        return early

    async def _tell(self, body: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        for node, output in outputs.items():
            await self._send(body, "executed", {"node": node, "display_node": node, "output": output})

    def _outputs(self, body: Mapping[str, Any]) -> dict[str, Any]:
        found = _outputs(body)
        for node_id, node in body["prompt"].items():
            if (saved := self.saves.get(node["class_type"])) is not None:
                found[node_id] = self._given(saved, node["inputs"].get("filename_prefix", "x"))
        return found

    def _given(self, saved: Saved, prefix: str) -> dict[str, Any]:
        folder, _, name = prefix.rpartition("/")
        refs = []
        for number, (ending, data, media_type) in enumerate(saved.files, 1):
            file = f"{name}_{number:05}_.{ending}"
            self._files[file] = (data, media_type)
            refs.append({"filename": file, "subfolder": folder, "type": "output", "format": media_type})
        if saved.viewed is not None:
            return {"result": [f"{folder}/{refs[0]['filename']}{saved.viewed}", None, None]}
        return {**({saved.key: refs, "animated": [True]} if refs else {}), **({"text": list(saved.texts)} if saved.texts else {})}

    def _ending(self, body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        if self._interrupted.is_set():
            return "execution_interrupted", {}
        classes = {node["class_type"] for node in body["prompt"].values()}
        fails = self.raises is not None and (self.raises_with is None or self.raises_with in classes)
        return ("execution_error", self.raises or {}) if fails else ("execution_success", {})

    async def _send_preview(self, body: Mapping[str, Any]) -> None:
        socket = self._sockets.get(str(body.get("client_id")))
        if socket is not None and self.preview is not None:
            head = json.dumps({"prompt_id": body["prompt_id"], "image_type": "image/jpeg"}).encode()
            await socket.send_bytes(struct.pack(">II", 4, len(head)) + head + self.preview)


def picture(size: tuple[int, int] = (48, 32), *, text: str | None = None, format: str = "PNG", **options: Any) -> bytes:
    """A small picture of noise that depends on `text` alone; a PNG's `prompt` chunk holds it."""
    from PIL import Image, PngImagePlugin

    out = io.BytesIO()
    if format == "PNG" and text is not None:
        options["pnginfo"] = info = PngImagePlugin.PngInfo()
        info.add_text("prompt", text)
    noise = random.Random(text or "").randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, noise).save(out, format, **options)
    return out.getvalue()


def _outputs(body: Mapping[str, Any]) -> dict[str, Any]:
    """One picture of each node that saves some, in the order of the graph."""
    savers = {key: node for key, node in body["prompt"].items() if node["class_type"] == "SaveImage"}
    return {key: {"images": [_ref(node["inputs"]["filename_prefix"])]} for key, node in savers.items()}


def _ref(prefix: str) -> dict[str, str]:
    folder, _, name = prefix.rpartition("/")
    return {"filename": f"{name}_00001_.png", "subfolder": folder, "type": "output"}
