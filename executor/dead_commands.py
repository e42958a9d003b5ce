"""`stationthis worker dead`: what was given up after several tries, and what an operator does about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.printing import ago, print_json, print_table, short

if TYPE_CHECKING:
    from base.settings import Settings
    from executor.dead import DeadLetters

app = typer.Typer(help="Jobs that were given up after several tries: look at them, try them again, let them go.")
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]
Which = Annotated[str, typer.Argument(help="A dead letter's id, or its first characters.")]


@app.command("list")
def list_(as_json: Json = False, limit: Annotated[int, typer.Option(min=1, max=1000)] = 50) -> None:
    """The newest first."""
    rows = asyncio.run(_page(limit))
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo("No dead letters.")
        return
    from base.clock import SystemClock

    now, ids = SystemClock().now(), short([row["id"] for row in rows])
    columns = ("id", "tool", "error_code", "attempts", "given up")
    print_table(columns, [[ids[row["id"]], *(row[c] for c in columns[1:4]), ago(row["times"]["ended"], now)] for row in rows])


@app.command()
def show(which: Which, as_json: Json = False) -> None:
    """When each of its steps was, and what went wrong where. What it was about stays sealed."""
    job = asyncio.run(_get(which))
    if as_json:
        print_json(job)
        return
    for name in ("id", "run_id", "tool", "tag", "error_code", "sentence", "attempts"):
        typer.echo(f"{name:12} {job[name]}")
    for name, at in job["times"].items():
        typer.echo(f"{name:12} {at or '-'}")
    columns = ("at", "instance", "fault", "code", "submitted")
    print_table(columns, [[one[c] for c in columns] for one in job["setbacks"]])


@app.command()
def retry(which: Which, as_json: Json = False) -> None:
    """Try it again, in a new run for the same person; where they asked, they hear of it."""
    run_id = asyncio.run(_retry(which))
    if as_json:
        print_json({"run_id": run_id})
    else:
        typer.echo(f"Tried again as run {run_id}.")


@app.command()
def drop(which: Which) -> None:
    """Let it go. Its owner was told already that it failed."""
    asyncio.run(_drop(which))
    typer.echo("Dropped.")


async def _page(limit: int) -> list[dict[str, Any]]:
    from executor.records import shape

    async with _letters() as letters:
        return [shape(job) for job in (await letters.page(None, limit))[0]]


async def _get(which: str) -> dict[str, Any]:
    from executor.records import shape

    async with _letters() as letters:
        return shape(await letters.get(which))


async def _retry(which: str) -> str:
    async with _letters() as letters:
        return await letters.retry(which)


async def _drop(which: str) -> None:
    async with _letters() as letters:
        await letters.drop(which)


@asynccontextmanager
async def _letters() -> AsyncIterator[DeadLetters]:
    from base.clock import SystemClock
    from executor.assembly import open_ground
    from executor.dead_assembly import open_dead_letters

    async with AsyncExitStack() as stack:
        ground = await open_ground(_settings(), SystemClock(), stack, media=False)
        yield await open_dead_letters(ground, stack)


def _settings() -> Settings:
    from base.log import configure
    from base.settings import load_settings

    settings = load_settings()
    configure("WARNING")  # what was done is printed
    return settings
