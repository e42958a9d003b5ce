"""`stationthis worker`: a process that works on jobs, as many as one likes, and what an operator says to them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.printing import ago, in_words, print_json, print_table
from executor.dead_commands import app as dead
from executor.model import Tag, WorkerState

if TYPE_CHECKING:
    from base.settings import Settings

app = typer.Typer(
    help="Work on jobs in a process of its own; see, pause and end the workers there are.", invoke_without_command=True
)
app.add_typer(dead, name="dead")
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]
Which = Annotated[str | None, typer.Argument(help="A worker's id, or its first characters; all when left out.")]


@app.callback()
def work(
    context: typer.Context,
    tag: Annotated[list[Tag] | None, typer.Option(help="Serve only jobs with this tag; as often as needed.")] = None,
) -> None:
    """Work on jobs until told to stop. SIGTERM hands over: what is being rendered goes on, and the next worker collects it."""
    if context.invoked_subcommand is None:
        asyncio.run(_work(_settings(), tuple(tag or ())))


@app.command()
def status(as_json: Json = False) -> None:
    """Who works, what waits and for how long, what instances hold and have loaded, and how many jobs were given up."""
    from base.clock import SystemClock
    from executor.overview import instance_rows, need_rows, sentences, waiting_rows, worker_rows

    now, seen = SystemClock().now(), asyncio.run(_overview(_settings()))
    if as_json:
        print_json(seen)
        return
    if seen["workers"]:
        print_table(("id", "host", "pid", "state", "jobs", "heard", "tags"), worker_rows(seen, now))
    if seen["instances"]:
        print_table(("id", "where", "state", "jobs", "warm"), instance_rows(seen, now))
    if waiting := waiting_rows(seen):
        print_table(("lane", "tag", "waiting"), waiting)
        print_table(("needs", "waiting", "because"), need_rows(seen))
    for sentence in sentences(seen):
        typer.echo(sentence)


@app.command()
def pause(which: Which = None) -> None:
    """Finish what is being worked on, take nothing new."""
    _want(which, WorkerState.PAUSED)


@app.command()
def resume(which: Which = None) -> None:
    """Take jobs again."""
    _want(which, WorkerState.ACTIVE)


@app.command()
def drain(which: Which = None) -> None:
    """Finish what is being worked on, then end. (A worker within `serve` only pauses.)"""
    _want(which, WorkerState.DRAINING)


@app.command()
def periodic(
    now: Annotated[str | None, typer.Option(help="Have this task run now.")] = None, as_json: Json = False
) -> None:
    """What comes round again: when it ran, when it runs next, and what went wrong the last time it did."""
    from base.clock import SystemClock

    rows, at = asyncio.run(_periodic(_settings(), now)), SystemClock().now()
    if as_json:
        print_json(rows)
        return
    if now is not None:
        typer.echo(f"{now} runs within seconds, wherever periodic work is done now.")
        return
    print_table(("name", "every", "ran", "next", "failed", "code", "last failure"), [_periodic_row(row, at) for row in rows])


async def _work(settings: Settings, tags: tuple[Tag, ...]) -> None:
    from base import schema
    from base.errors import SchemaBehind, SettingsError
    from base.leaving import asked_to_end, leave
    from executor.assembly import open_worker

    if settings.resolved_database_url.startswith("sqlite"):
        raise SettingsError(
            "A worker of its own needs a database that several processes share: set STATIONTHIS_DATABASE_URL."
        )
    if not await schema.is_current(settings.resolved_database_url):
        raise SchemaBehind
    asked = asked_to_end()
    async with open_worker(settings, tags) as executor:
        typer.echo(f"StationThis works on {', '.join(tags or Tag)} as {executor.worker.id}")
        ends = [asyncio.create_task(asked.wait()), asyncio.create_task(executor.worker.drained())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ends:
            task.cancel()
    leave()


def _want(which: str | None, state: WorkerState) -> None:
    told = asyncio.run(_tell(_settings(), which, state))
    if not told:
        typer.echo("No living worker was told; one that comes back hears it then.")
        return
    typer.echo(f"Told {told} living {'worker' if told == 1 else 'workers'}; each hears it within seconds.")


def _periodic_row(row: dict[str, Any], now: datetime) -> list[Any]:
    ran = "runs now" if row["running"] else ago(row["started_at"], now)
    went_wrong = (row["failures"] or "", row["error_code"], ago(row["failed_at"], now))
    return [row["name"], in_words(row["every_s"]), ran, ago(row["due_at"], now), *went_wrong]


async def _tell(settings: Settings, which: str | None, state: WorkerState) -> int:
    from base.clock import SystemClock
    from base.db import Database
    from executor import roster

    db = Database(settings.resolved_database_url)
    try:
        async with db.write() as tx:
            return await roster.tell(tx, which, state, SystemClock().now(), settings.limits.lease_seconds)
    finally:
        await db.close()


async def _overview(settings: Settings) -> dict[str, Any]:
    from base import schema
    from base.clock import SystemClock
    from base.db import Database
    from base.errors import SchemaBehind
    from executor.overview import overview

    if not await schema.is_current(settings.resolved_database_url):
        raise SchemaBehind
    db = Database(settings.resolved_database_url)
    try:
        async with db.read() as tx:
            return await overview(tx, SystemClock().now(), settings.comfy_urls, settings.limits.lease_seconds)
    finally:
        await db.close()


async def _periodic(settings: Settings, hastened: str | None) -> list[dict[str, Any]]:
    from base.clock import SystemClock
    from base.db import Database
    from base.periodic import everything, hasten, shape

    db, now = Database(settings.resolved_database_url), SystemClock().now()
    try:
        if hastened is not None:
            async with db.write() as tx:
                await hasten(tx, hastened, now)
        async with db.read() as tx:
            return [shape(row) for row in await everything(tx, now)]
    finally:
        await db.close()


def _settings() -> Settings:
    from base.log import configure
    from base.settings import load_settings

    settings = load_settings()
    configure(settings.log_level)
    return settings
