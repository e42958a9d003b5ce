"""uvicorn, told how this house wants to be served."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
import uvicorn
from fastapi import FastAPI

from base.leaving import LAST_S, end_now, end_surely
from web.errors import CannotListen

GRACE_S = 4  # for answers under way when the end is asked for; event streams end at once


def server_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """Our own logs, no access log (paths and queries are other people's words), a short grace at the end."""
    return uvicorn.Config(
        app, host, port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_S,
        lifespan="on", ws="none",
    )  # fmt: skip


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket that has its port, before anything is opened that would have to be closed. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        raise CannotListen(
            f"Cannot listen on {host} port {port}: {error.strerror}.", host=host, port=port
        ) from None
    bound.set_inheritable(False)
    return bound


class StudioServer(uvicorn.Server):
    """Says on stdout where to go once that is true, and ends within LAST_S seconds of being asked to."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            typer.echo(f"StationThis is ready to talk at {self.address}/agent")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Asked once, it ends in order; asked again, at once."""
        if self.should_exit:
            end_now()
        end_surely(LAST_S, self._loop)
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but a signal that was obeyed is not raised again: the process ends with code 0."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    @property
    def address(self) -> str:
        """`http://host:port` with the port that was really taken."""
        port = self.servers[0].sockets[0].getsockname()[1]
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.config.host, self.config.host)
        return f"http://{host}:{port}"
