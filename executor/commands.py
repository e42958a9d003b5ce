"""`stationthis assets`: what an operator does about stored media. Light to import."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Annotated, Any

import typer

from base.settings import load_settings

app = typer.Typer(help="Lifecycle rules and clearing up of stored media.", no_args_is_help=True)


@app.command()
def lifecycle(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 where a rule is missing.")] = False,
) -> None:
    """Have what is ephemeral expire after a day and unfinished uploads be dropped, and see that the bucket says so."""
    answer = asyncio.run(_lifecycle(check=check))
    typer.echo(json.dumps(answer))
    raise typer.Exit(0 if answer["kept"] else 1)


@app.command()
def sweep(
    grace_hours: Annotated[float, typer.Option(help="Leave alone what was used more recently.", min=0)] = 24.0,
) -> None:
    """Delete bytes that no asset needs and objects that no row knows; tell of rows whose bytes are missing."""
    typer.echo(json.dumps(asyncio.run(_sweep(timedelta(hours=grace_hours)))))


@app.command("adopt-folder")
def adopt_folder() -> None:
    """Take this data folder for the one that all processes share, after it was moved or restored without its `folder.id`."""
    asyncio.run(_adopt())
    typer.echo("This is the media folder now; processes that see another one refuse to start.")


async def _lifecycle(*, check: bool) -> dict[str, Any]:
    from base.clock import SystemClock
    from executor.assembly import open_objects
    from executor.assets.objects import RULES

    settings = load_settings()
    objects = await asyncio.to_thread(open_objects, settings)
    if not check:
        await objects.apply(RULES, SystemClock().now())
    if settings.bucket is None:  # a folder keeps no rules: the sweep does
        return {"storage": "folder", "kept": True, "rules": []}
    kept = await objects.kept()
    missing = [rule.name for rule in RULES if rule not in kept]
    return {"storage": settings.bucket.name, "kept": not missing, "rules": [rule.name for rule in kept], "missing": missing}


async def _sweep(grace: timedelta) -> dict[str, int]:
    from base.clock import SystemClock
    from base.db import Database
    from base.log import configure
    from executor.assembly import open_objects
    from executor.assets.objects import RULES
    from executor.assets.vault import Vault

    settings, clock = load_settings(), SystemClock()
    configure("WARNING")  # what was done is printed
    objects = await asyncio.to_thread(open_objects, settings)
    db = Database(settings.resolved_database_url)
    try:
        if settings.bucket is None:
            await objects.apply(RULES, clock.now())
        found = await Vault(objects, db, clock).sweep(grace)
    finally:
        await db.close()
    return {"released": found.released, "strangers": found.strangers, "missing": found.missing}


async def _adopt() -> None:
    from base.db import Database
    from executor.assets import sharing

    settings = load_settings()
    db = Database(settings.resolved_database_url)
    try:
        await sharing.adopt(db, settings.data / "assets")
    finally:
        await db.close()
