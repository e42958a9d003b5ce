"""`stationthis worker`: a process that works on jobs, as many as one likes, and what an operator says to them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.printing import print_json, print_table
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
    from executor.overview import sentences, waiting_rows

    seen = asyncio.run(_overview(_settings()))
    if as_json:
        print_json(seen)
        return
    columns = ("id", "host", "pid", "wanted", "jobs", "seen_at", "tags")
    if seen["workers"]:
        print_table(columns, [[", ".join(row[c]) if c == "tags" else row[c] for c in columns] for row in seen["workers"]])
    if seen["instances"]:
        shown = ("id", "where", "jobs", "warm")
        print_table(shown, [[row[c] for c in shown] for row in seen["instances"]])
    if waiting := waiting_rows(seen):
        print_table(("lane", "tag", "waiting"), waiting)
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
    rows = asyncio.run(_periodic(_settings(), now))
    if as_json:
        print_json(rows)
        return
    columns = ("name", "every_s", "started_at", "due_at", "running", "failures", "error_code", "failed_at")
    print_table(columns, [["" if row[c] is None else row[c] for c in columns] for row in rows])


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
    typer.echo(f"Told {told} {'worker' if told == 1 else 'workers'}; each hears it within seconds.")


async def _tell(settings: Settings, which: str | None, state: WorkerState) -> int:
    from base.db import Database
    from executor import roster

    db = Database(settings.resolved_database_url)
    try:
        async with db.write() as tx:
            return await roster.tell(tx, which, state)
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
            return await overview(tx, SystemClock().now(), settings.comfy_urls)
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
