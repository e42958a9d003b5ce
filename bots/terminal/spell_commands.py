"""`stationthis spells`. Light to import: what talks is imported when it talks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from base.printing import print_json
from base.settings import load_settings

if TYPE_CHECKING:
    from bots.terminal.spells import Spellbook

app = typer.Typer(help="Your saved plans: list, cast, exchange.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]
Name = Annotated[str, typer.Argument(help="Its title, its id, or its name as a tool.")]


@app.command("list")
def list_spells(as_json: Json = False) -> None:
    """All your spells, the newest first."""
    found = _with_book(lambda book: book.all())
    if as_json:
        print_json(found)
        return
    for spell in found:
        typer.echo(f"{spell['title']}  ({spell['name']}, version {spell['version']}, {spell['visibility']}; {_asks(spell)})")
    if not found:
        typer.echo('None yet. In a chat, say "save that as ..." with a name.')


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """One spell with its steps."""
    spell = _with_book(lambda book: book.find(name))
    if as_json:
        print_json(spell)
    else:
        _tell(spell)


@app.command()
def save(
    title: Annotated[str, typer.Argument(help="What it shall be called.")],
    handle: Annotated[str, typer.Option(help="Which picture's making is saved, such as A5.")],
    conversation: Annotated[str, typer.Option(help="Its conversation: an id, or `last`.")] = "last",
    same_seed: Annotated[bool, typer.Option("--same-seed", help="Keep the seeds too.")] = False,
    as_json: Json = False,
) -> None:
    """Save how a picture of a conversation was made."""
    spell = _with_book(lambda book: book.save(title, conversation, handle, same_seed))
    if as_json:
        print_json(spell)
    else:
        _tell(spell)


@app.command()
def cast(
    name: Name,
    said: Annotated[list[str] | None, typer.Argument(help="What stands in its blanks: words, or blank=value.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file for a port, in order; may be repeated.")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="An older version.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where results are saved; DATA/pictures if left out.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also when it is costly.")] = False,
    as_json: Json = False,
) -> None:
    """Cast a spell and save what comes out (exit code 0 done, 1 failed, 2 it waits for a yes)."""
    folder = out or load_settings().data / "pictures"

    async def work(book: Spellbook) -> tuple[dict[str, Any], list[Path]]:
        run = await book.cast(name, said or (), attach or (), version)
        if run["status"] == "waiting" and yes:
            run = await book.confirm(run)
        return run, await book.fetch(run, folder)

    run, paths = _with_book(work)
    if as_json:
        print_json({**run, "paths": [str(path) for path in paths]})
    elif run["status"] == "waiting":
        credits = run["plan"]["estimate"]["credits"]
        typer.echo(f"This may cost {credits[0]:g} to {credits[1]:g} credits. Cast it again with --yes.")
    elif run["status"] != "completed":
        typer.echo((run["error"] or {}).get("message") or f"It was {run['status']}.", err=True)
    else:
        for path in paths:
            typer.echo(str(path))
    raise typer.Exit({"completed": 0, "waiting": 2}.get(run["status"], 1))


@app.command()
def export(name: Name, out: Annotated[Path | None, typer.Option(help="A file; stdout if left out.")] = None) -> None:
    """The spell as a file for somebody else."""
    text = json.dumps(_with_book(lambda book: book.export(name)), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(f"{text}\n", encoding="utf-8")


@app.command("import")
def import_spell(file: Annotated[Path, typer.Argument(help="What `spells export` wrote.")], as_json: Json = False) -> None:
    """Keep a spell that somebody exported; it is checked first."""
    spell = _with_book(lambda book: book.bring(file))
    if as_json:
        print_json(spell)
    else:
        _tell(spell)


@app.command()
def share(
    name: Name,
    public: Annotated[bool, typer.Option("--public", help="With everybody, in lists.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Take link and sharing back.")] = False,
    as_json: Json = False,
) -> None:
    """Give a link to its recipe; nobody sees a picture of yours."""
    visibility = "private" if private else "public" if public else "link"
    shared = _with_book(lambda book: book.share(name, visibility))
    if as_json:
        print_json(shared)
    elif shared["link"]:
        typer.echo(f"{load_settings().url.rstrip('/')}{shared['link']}")
    else:
        typer.echo(f"It is {shared['visibility']} now.")


@app.command()
def delete(name: Name, as_json: Json = False) -> None:
    """Delete it with all its versions. (Export it first to be able to bring it back.)"""
    gone = _with_book(lambda book: book.delete(name))
    if as_json:
        print_json({"deleted": gone["id"]})
    else:
        typer.echo(f"{gone['title']} is deleted.")


T = TypeVar("T")


def _with_book(work: Callable[[Spellbook], Awaitable[T]]) -> T:
    from bots.terminal.spells import open_spellbook

    async def open_and_work() -> T:
        async with open_spellbook(load_settings()) as book:
            return await work(book)

    return asyncio.run(open_and_work())


def _tell(spell: dict[str, Any]) -> None:
    typer.echo(f"{spell['title']}  ({spell['name']}, version {spell['version']})\n{_asks(spell)}")
    for number, step in enumerate(spell["steps"], 1):
        params = ", ".join(f"{key}={value}" for key, value in step["params"].items())
        typer.echo(f"{number}. {step['tool']}{f'  {params}' if params else ''}")


def _asks(spell: dict[str, Any]) -> str:
    wanted = [*spell["blanks"], *(f"{port} ({shape['kind']})" for port, shape in spell["ports"].items())]
    return f"asks for {', '.join(wanted)}" if wanted else "asks for nothing"
