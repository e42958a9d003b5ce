"""`stationthis serve`: everything in one process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from base.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option(help="Where to listen; HOST or 127.0.0.1 when left out.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free one; PORT or 8000 when left out.")] = None,
    worker: Annotated[bool, typer.Option(help="Whether jobs are worked on in this process too.")] = True,
    started_by: Annotated[str | None, typer.Option(hidden=True, help="The program that a person started.")] = None,
) -> None:
    """Serve the page, the API and the work behind them."""
    import asyncio

    from base.log import configure
    from base.settings import load_settings

    os.umask(0o077)  # what people make is nobody else's to read on this machine
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**given)
    configure(settings.log_level)
    asyncio.run(_serve(settings, work=worker, program=started_by or "stationthis serve"))


async def _serve(settings: Settings, *, work: bool, program: str) -> None:
    from contextlib import ExitStack

    from base import schema
    from base.clock import SystemClock
    from base.db import persistently
    from base.errors import SchemaBehind, SettingsError
    from base.leaving import leave
    from base.lock import data_folder_lock

    embedded = settings.resolved_database_url.startswith("sqlite")
    if embedded and not work:
        raise SettingsError(
            "--no-worker needs a database that several processes share: set STATIONTHIS_DATABASE_URL."
        )
    with ExitStack() as stack:
        if embedded:
            stack.enter_context(data_folder_lock(settings.data, program))
            await schema.upgrade(settings.resolved_database_url)
        else:
            # unreachable and empty are told now; behind, by /readyz
            if await persistently(lambda: schema.is_empty(settings.resolved_database_url), SystemClock()):
                raise SchemaBehind("The database is empty: nothing was ever set up in it.")
        await _run(settings, work=work)
    leave()


async def _run(settings: Settings, *, work: bool) -> None:
    from contextlib import nullcontext

    from agent.assembly import open_studio
    from web.app import create_app
    from web.server import StudioServer, bound_socket, server_config

    listening = bound_socket(settings.host, settings.port)
    async with open_studio(settings, work=work) as studio:  # here, where a Problem is told as one
        app = create_app(lambda: nullcontext(studio), cors_origins=settings.cors_origins)
        server = StudioServer(server_config(app, settings.host, settings.port))
        await server.serve([listening])
    if not server.started:
        raise typer.Exit(1)
