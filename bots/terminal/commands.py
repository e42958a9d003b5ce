"""`stationthis chat`. Light to import: what talks is imported when it talks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from base.errors import Reportable
from base.settings import load_settings

if TYPE_CHECKING:
    from bots.terminal.session import Options


def chat(
    text: Annotated[list[str] | None, typer.Argument(help="What you want; without it, a prompt.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file of any kind to send along; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where results are saved; DATA/pictures if left out.")] = None,
    conversation: Annotated[str | None, typer.Option(help="Go on with this one (an id, or `last`).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one event per line and nothing else.")] = False,
) -> None:
    """Talk to the studio: one turn with TEXT (exit code 0 done, 1 failed, 2 asked back), else a prompt."""
    from bots.terminal.session import Options

    options = Options(tuple(attach or ()), out, conversation, as_json)
    try:
        code = _talk(options, " ".join(text or ()))
    except Reportable as problem:
        if as_json:
            raise
        code = _tell(problem)
    raise typer.Exit(code)


def _talk(options: Options, text: str) -> int:
    from bots.terminal.prompt import interactive, one_turn

    settings = load_settings()
    return asyncio.run(one_turn(settings, options, text)) if text else interactive(settings, options)


def _tell(problem: Reportable) -> int:
    """A person reads sentences; a program asked for JSON."""
    from bots.terminal.render import refusal

    typer.echo(refusal(problem.as_dict()), err=True)
    return 1
