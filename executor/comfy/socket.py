"""ComfyUI's WebSocket: one per instance, a new client id for each connection, messages handed out by prompt id.

A new id each time, because a server that sees the old socket close after the new one has come forgets the new one.
What was missed meanwhile is never repeated, so that whoever follows a job polls history as well.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import websockets

from executor.comfy.previews import Preview, parse_frame

#: A frame that may carry 160 kB of every node's state, once per node: not even parsed.
_IGNORED = ('{"type": "progress_state"', '{"type":"progress_state"')
_FIRST = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
_BACKLOG = 256

Message = tuple[str, dict[str, Any]] | Preview


class Channel:
    """What one job hears. Old messages give way when nobody reads: they are only news, history has the truth."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Message] = asyncio.Queue(_BACKLOG)

    def push(self, message: Message) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(message)

    async def next(self, timeout: float) -> Message | None:
        """The next message, or None after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await self._queue.get()
        except TimeoutError:
            return None


class Switchboard:
    """Channels by prompt id. It outlives the sockets."""

    def __init__(self) -> None:
        self.client_id: str | None = None
        self._channels: dict[str, list[Channel]] = {}
        self._executing: str | None = None

    @contextmanager
    def channel(self, prompt_id: str) -> Iterator[Channel]:
        """Open before the prompt is sent, so that nothing is missed. Several may listen: who was stopped so long that his lease
        ran out is still there when the job begins here again."""
        channel, listening = Channel(), self._channels.setdefault(prompt_id, [])
        listening.append(channel)
        try:
            yield channel
        finally:
            listening.remove(channel)
            if not listening:
                del self._channels[prompt_id]

    def connected(self, client_id: str) -> None:
        self.client_id = client_id

    def disconnected(self) -> None:
        """Everybody who listens is told to look for themselves."""
        self.client_id, self._executing = None, None
        for listening in self._channels.values():
            for channel in listening:
                channel.push(("disconnected", {}))

    def hear(self, frame: str | bytes) -> None:
        """Give a frame to the job it is about; strangers' and unknown ones are dropped."""
        if isinstance(frame, bytes):
            self._hear_preview(frame)
        elif not frame.startswith(_IGNORED):
            self._hear_text(frame)

    def _hear_text(self, frame: str) -> None:
        try:
            message = json.loads(frame)
        except ValueError:
            return
        match message:
            case {"type": str(kind), "data": {"prompt_id": str(prompt_id), **data}}:
                if kind == "executing":
                    self._executing = prompt_id if data.get("node") is not None else None
                self._push(prompt_id, (kind, {str(name): value for name, value in data.items()}))

    def _hear_preview(self, frame: bytes) -> None:
        preview = parse_frame(frame)
        if preview is None:
            return
        self._push(preview.prompt_id or self._executing or "", preview)

    def _push(self, prompt_id: str, message: Message) -> None:
        for channel in self._channels.get(prompt_id, ()):
            channel.push(message)


@asynccontextmanager
async def connect(url: str, board: Switchboard) -> AsyncIterator[websockets.ClientConnection]:
    """Open the socket of the instance at `url` (http) and greet; it is ready when the first `status` has come.

    Raises OSError, TimeoutError or websockets.WebSocketException.
    """
    client_id = str(uuid.uuid4())
    async with websockets.connect(
        _socket_url(url, client_id), max_size=None, compression=None, proxy=None, open_timeout=10, close_timeout=1,
        ping_interval=20, ping_timeout=60,  # a server that loads a model answers nobody for a while
    ) as socket:  # fmt: skip
        await socket.send(_FIRST)
        async with asyncio.timeout(10):
            await socket.recv()
        board.connected(client_id)
        try:
            yield socket
        finally:
            board.disconnected()


async def listen(socket: websockets.ClientConnection, board: Switchboard) -> None:
    """Hand out frames until the connection ends, which is not an error here."""
    try:
        async for frame in socket:
            board.hear(frame)
    except websockets.ConnectionClosed:
        return


def _socket_url(url: str, client_id: str) -> str:
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/ws", f"clientId={client_id}", ""))
