"""`stationthis db`: the schema of the database. Light to import: Alembic is imported when it is needed."""

from __future__ import annotations

import asyncio
import json

import typer

from base.settings import load_settings

app = typer.Typer(help="Upgrade or check the database schema.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Apply every missing migration."""
    from base import schema

    settings = load_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    revision = asyncio.run(schema.upgrade(settings.resolved_database_url))
    typer.echo(json.dumps({"revision": revision}))


@app.command()
def check() -> None:
    """Exit 0 when the schema is current, 1 when it is behind."""
    from base import schema

    current = asyncio.run(schema.is_current(load_settings().resolved_database_url))
    typer.echo(json.dumps({"current": current}))
    raise typer.Exit(0 if current else 1)
