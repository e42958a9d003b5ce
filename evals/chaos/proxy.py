"""A link that can be broken: a TCP proxy in front of one server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
_BLOCK = 1 << 16
_LAST_WORDS_S = 0.5  # what was said before one side went still arrives


class Proxy:
    """Listens on a port of its own, which stays the same whatever happens to the server behind it."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._pairs: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = {}
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._delay_s = 0.0
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more. Broken connections end by themselves."""
        if self._server is not None:
            self._server.close()
        self.cut()
        while self._pairs:
            await asyncio.sleep(0.01)

    def cut(self) -> None:
        """Break every connection at once."""
        for pair in list(self._pairs.values()):
            for side in pair:
                side.transport.abort()

    def halve(self) -> None:
        """End one direction of every connection: what clients send arrives no more, and they are not told."""
        for _, behind in list(self._pairs.values()):
            if behind.can_write_eof() and not behind.is_closing():
                with suppress(OSError, RuntimeError):
                    behind.write_eof()

    async def silence(self, seconds: float) -> None:
        """Let nothing pass; then break what was silent, as a router does that had forgotten it."""
        self._open.clear()
        await asyncio.sleep(seconds)
        self.cut()
        self._open.set()

    async def slow(self, seconds: float, delay_s: float = 0.3) -> None:
        """Let everything take its time."""
        self._delay_s = delay_s
        await asyncio.sleep(seconds)
        self._delay_s = 0.0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            behind_reader, behind = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        self._pairs[task] = (writer, behind)
        try:
            ways = [asyncio.create_task(self._pass(reader, behind)), asyncio.create_task(self._pass(behind_reader, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(ways, timeout=_LAST_WORDS_S)
            for way in ways:
                way.cancel()
        finally:
            self._pairs.pop(task, None)
            writer.transport.abort()
            behind.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(_BLOCK):
                await self._open.wait()
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                writer.write(block)
                await writer.drain()


def to_port(port: int) -> Connect:
    """A server on this machine."""

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return reader, writer

    return connect


def to_socket_file(path: str) -> Connect:
    """A server behind a socket file."""
    return lambda: asyncio.open_unix_connection(path)
