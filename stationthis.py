"""The command line: joins what the rooms bring. Nothing may import it."""

from __future__ import annotations

import json
import sys

import typer

from base.commands import app as db
from base.errors import Reportable
from bots.terminal.commands import chat
from bots.terminal.spell_commands import app as spells
from bots.terminal.workflow_commands import app as workflows
from evals.commands import app as evals
from executor.commands import app as assets
from executor.worker_commands import app as worker
from tools.commands import app as tools
from tools.models.commands import app as models
from tools.models.loras import app as loras
from web.commands import serve

app = typer.Typer(help="Say what you want to see.", no_args_is_help=True, pretty_exceptions_enable=False)
for command, name in ((serve, "serve"), (chat, "chat")):
    app.command(name)(command)
_GROUPS = (
    (tools, "tools"),
    (spells, "spells"),
    (workflows, "workflows"),
    (models, "models"),
    (loras, "loras"),
    (worker, "worker"),
    (assets, "assets"),
    (evals, "eval"),
    (db, "db"),
)
for group, name in _GROUPS:
    app.add_typer(group, name=name)


def main() -> None:
    """Run one command. What a person can be told becomes its JSON on stderr and exit code 1."""
    try:
        app()
    except Reportable as problem:
        typer.echo(json.dumps(problem.as_dict(), ensure_ascii=False), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
