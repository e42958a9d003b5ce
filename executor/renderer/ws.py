"""The sockets: who is connected, what goes to whom, and how a preview frame looks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

#: A client that reads this slowly is let go; it can read the history instead.
BACKLOG = 4096

Frame = str | bytes


@dataclass
class Client:
    """One open socket. Frames wait in a queue of its own, so that a slow reader holds up nobody else."""

    socket: web.WebSocketResponse
    transport: asyncio.BaseTransport | None = None
    wants_metadata: bool = False
    frames: asyncio.Queue[Frame | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))

    def push(self, frame: Frame) -> None:
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            if isinstance(self.transport, asyncio.WriteTransport):
                self.transport.abort()

    async def drain(self) -> None:
        """Send what waits until None comes or the socket is gone."""
        while (frame := await self.frames.get()) is not None:
            try:
                await (
                    self.socket.send_str(frame) if isinstance(frame, str) else self.socket.send_bytes(frame)
                )
            except (ConnectionError, RuntimeError):
                return


class Hub:
    """Delivers messages to clients by id. The `send_*` methods may be called from any thread, once attached."""

    def __init__(self, features: dict[str, Any]) -> None:
        self._features = features
        self._clients: dict[str, Client] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.remaining: Callable[[], int] = lambda: 0
        #: What runs now for which client, told to a client that comes back: (client id, node id).
        self.executing: tuple[str | None, str | None] = (None, None)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def send(self, kind: str, data: dict[str, Any], client: str | None) -> None:
        """To one client, or to all when there is none."""
        self._later(self._deliver, text(kind, data), client)

    def send_status(self) -> None:
        self._later(self._deliver, text("status", self._status()), None)

    def send_step(
        self, progress: dict[str, Any], jpeg: bytes | None, node: dict[str, Any], client: str | None
    ) -> None:
        """A `progress` and its preview, in the order and format each client asked for."""
        self._later(self._deliver_step, text("progress", progress), jpeg, node, client)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Handler of GET /ws."""
        socket = web.WebSocketResponse(max_msg_size=4 * 1024 * 1024)
        await socket.prepare(request)
        sid = request.query.get("clientId") or uuid.uuid4().hex
        client = Client(socket, request.transport)
        self._clients[sid] = client
        self._greet(sid, client)
        writer = asyncio.create_task(client.drain())
        try:
            await self._listen(socket, client)
        finally:
            self._part(sid, client)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        return socket

    async def close(self) -> None:
        """Drop every connection, as a process that ends would."""
        for client in list(self._clients.values()):
            with contextlib.suppress(ConnectionError, RuntimeError):
                await asyncio.wait_for(client.socket.close(code=1001), 0.5)

    async def _listen(self, socket: web.WebSocketResponse, client: Client) -> None:
        first = True
        async for message in socket:
            if first and message.type is WSMsgType.TEXT:
                self._first(message.data, client)
            first = False

    def _first(self, data: str, client: Client) -> None:
        try:
            message = json.loads(data)
        except ValueError:
            return
        if not isinstance(message, dict) or message.get("type") != "feature_flags":
            return
        flags = message.get("data")
        client.wants_metadata = isinstance(flags, dict) and flags.get("supports_preview_metadata") is True
        client.push(text("feature_flags", self._features))

    def _greet(self, sid: str, client: Client) -> None:
        client.push(text("status", {**self._status(), "sid": sid}))
        running_for, node = self.executing
        if running_for == sid and node is not None:
            client.push(text("executing", {"node": node}))

    def _part(self, sid: str, client: Client) -> None:
        if self._clients.get(sid) is client:
            del self._clients[sid]

    def _later(self, call: Callable[..., None], *args: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # the loop closed between the question and the call
                self._loop.call_soon_threadsafe(call, *args)

    def _receivers(self, client: str | None) -> list[Client]:
        if client is None:
            return list(self._clients.values())
        found = self._clients.get(client)
        return [found] if found else []

    def _deliver(self, frame: str, client: str | None) -> None:
        for receiver in self._receivers(client):
            receiver.push(frame)

    def _deliver_step(
        self, progress: str, jpeg: bytes | None, node: dict[str, Any], client: str | None
    ) -> None:
        for receiver in self._receivers(client):
            for frame in _step_frames(progress, jpeg, node, receiver.wants_metadata):
                receiver.push(frame)

    def _status(self) -> dict[str, Any]:
        return {"status": {"exec_info": {"queue_remaining": self.remaining()}}}


def text(kind: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "data": data})


def plain_preview(jpeg: bytes) -> bytes:
    """Binary frame 1: event, image format (1 = JPEG), picture."""
    return struct.pack(">II", 1, 1) + jpeg


def preview_with_metadata(jpeg: bytes, node: dict[str, Any]) -> bytes:
    """Binary frame 4: event, length of the JSON, JSON, picture."""
    head = json.dumps({**node, "image_type": "image/jpeg"}).encode()
    return struct.pack(">II", 4, len(head)) + head + jpeg


def _step_frames(progress: str, jpeg: bytes | None, node: dict[str, Any], metadata: bool) -> list[Frame]:
    if jpeg is None:
        return [progress]
    return [preview_with_metadata(jpeg, node), progress] if metadata else [progress, plain_preview(jpeg)]
