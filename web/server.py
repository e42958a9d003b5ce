"""uvicorn, told how this house wants to be served."""

from __future__ import annotations

import socket

import typer
import uvicorn
from fastapi import FastAPI

GRACE_S = 4  # for answers under way when the end is asked for; event streams end at once


def server_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """Our own logs, no access log (paths and queries are other people's words), a short grace at the end."""
    return uvicorn.Config(
        app, host, port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_S,
        lifespan="on", ws="none",
    )  # fmt: skip


class AnnouncingServer(uvicorn.Server):
    """Says on stdout where to go, once that is true."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            typer.echo(f"StationThis is ready to talk at {self.address}/agent")

    @property
    def address(self) -> str:
        """`http://host:port` with the port that was really taken."""
        port = self.servers[0].sockets[0].getsockname()[1]
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.config.host, self.config.host)
        return f"http://{host}:{port}"
