"""`stationthis serve`: everything in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from base.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option(help="Where to listen; HOST or 127.0.0.1 when left out.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free one; PORT or 8000 when left out.")] = None,
) -> None:
    """Serve the page, the API and the work behind them."""
    import asyncio

    from base.log import configure
    from base.settings import load_settings

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**given)
    configure(settings.log_level)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    from contextlib import ExitStack

    from base import schema
    from base.lock import data_folder_lock

    with ExitStack() as stack:
        if settings.database_url is None or settings.resolved_database_url.startswith("sqlite"):
            stack.enter_context(data_folder_lock(settings.data))
            await schema.upgrade(settings.resolved_database_url)
        await _run(settings)


async def _run(settings: Settings) -> None:
    from agent.assembly import open_studio
    from web.app import create_app
    from web.server import AnnouncingServer, server_config

    app = create_app(lambda: open_studio(settings), cors_origins=settings.cors_origins)
    await AnnouncingServer(server_config(app, settings.host, settings.port)).serve()
