"""`stationthis eval`: how well the agent understands. Light to import: planners are imported when one is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from base.settings import load_settings
from evals.retrieval.commands import retrieval
from evals.taskbench.commands import app as taskbench

if TYPE_CHECKING:
    from rich.console import Console

    from tools.model import Tool

app = typer.Typer(
    help="Measure how well the agent understands: ask a planner the cases of evals/suites and score what it says.",
    no_args_is_help=True, rich_markup_mode="rich",
    epilog="Begin with `stationthis eval run binding`, then `stationthis eval report latest`.",
)  # fmt: skip
app.add_typer(taskbench, name="taskbench")
app.command(epilog="Example: `stationthis eval retrieval --split dev --misses`")(retrieval)

Run = Annotated[str, typer.Argument(help="A run: its name, the path of its journal, or `latest`.")]


@app.command(epilog="Example: `stationthis eval run binding iteration --split dev`")
def run(
    suites: Annotated[list[str] | None, typer.Argument(help="Suites, all if left out; `latency` measures times.")] = None,
    planner: Annotated[Literal["embedded", "llm"], typer.Option(help="Who is asked.")] = "embedded",
    scripted: Annotated[bool, typer.Option(help="With llm: a server on this machine answers as the cases expect.")] = False,
    repeat: Annotated[int, typer.Option(min=1, help="How often each case is asked.")] = 1,
    split: Annotated[Literal["all", "dev", "held"], typer.Option(help="A third of the cases is held out.")] = "all",
    outcome: Annotated[bool, typer.Option(help="Run the plans too, and look at the pictures.")] = False,
    case: Annotated[str | None, typer.Option(help="This case alone, by name.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call the run.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run of that name, or the last, as it was begun.")] = False,
    show_held: Annotated[bool, typer.Option(help="Name held-out cases too, which writers of planners do not read.")] = False,
) -> None:
    """Ask a planner every case, keep the answers in a journal, print a table."""
    from base.clock import SystemClock, rfc3339
    from base.log import configure
    from evals import journal, running, table
    from evals.model import Header

    configure("ERROR")
    if scripted and planner != "llm":
        raise typer.BadParameter("--scripted goes with --planner llm.")
    if resume:
        path = journal.path_of(name or "latest")
        header = running.unfinished(path)
    else:
        at = rfc3339(SystemClock().now())
        called = name or f"{at[:19].replace('T', '-').replace(':', '')}-{'scripted' if scripted else planner}"
        header = Header(
            run=called, at=at, planner=planner, suites=tuple(suites or ()), split=split, repeat=repeat, outcome=outcome,
            case=case, scripted=scripted,
        )  # fmt: skip
        path = journal.new_path(called)
    with table.progress() as step:
        done = running.run(load_settings(), header, path, step)
    table.show(_console(), done, held=show_held)
    _console().print(f"journal: {path}", style="dim")


@app.command(epilog="Example: `stationthis eval compare before after` in a script: exit code 1 says that something fell")
def compare(
    before: Run, after: Run,
    show_held: Annotated[bool, typer.Option(help="Name held-out cases too.")] = False,
) -> None:  # fmt: skip
    """Say case by case what fell and what rose from one run to another. Exit code 1 when something fell."""
    from evals import journal, table
    from evals.comparing import compare as compared

    a, b = (journal.read(journal.path_of(run)) for run in (before, after))
    found = compared(a.verdicts, b.verdicts)
    table.differences(_console(), a, b, found, held=show_held)
    if found.fell:
        raise typer.Exit(1)


@app.command(epilog="Example: `stationthis eval report latest --out report.html`")
def report(
    run: Run = "latest",
    before: Annotated[str | None, typer.Option(help="An earlier run to compare with.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the page goes; beside the journal if left out.")] = None,
) -> None:
    """Write one HTML page that needs nothing else: figures, plots, and every failing case as a chat."""
    from evals import journal
    from evals.page.building import page

    path = journal.path_of(run)
    earlier = None if before is None else journal.read(journal.path_of(before))
    target = out or path.with_suffix(".html")
    target.write_text(page(journal.read(path), earlier, _tools()), encoding="utf-8")
    typer.echo(str(target))


@app.command(epilog="Example: `stationthis eval rescore latest` after mending an expectation or a scorer")
def rescore(
    run: Run = "latest",
    name: Annotated[str | None, typer.Option(help="What to call the new run; RUN-rescored if left out.")] = None,
    show_held: Annotated[bool, typer.Option(help="Name held-out cases too.")] = False,
) -> None:
    """Score the answers of a run again, against the suites as they are now, without asking anybody."""
    from evals import journal, rescoring, table

    old = journal.read(journal.path_of(run))
    new, lost = rescoring.rescored(old, name or f"{old.header.run}-rescored", {tool.name: tool for tool in _tools()})
    path = journal.new_path(new.header.run)
    with journal.writing(path, new.header) as writer:
        for verdict in new.verdicts:
            writer.verdict(verdict)
        writer.latency(new.latency)
    table.show(_console(), new, held=show_held)
    for key in lost:
        typer.echo(f"{key} asks something else now, or is gone: left out", err=True)
    _console().print(f"journal: {path}", style="dim")


def _tools() -> tuple[Tool, ...]:
    from tools.service import all_tools

    return all_tools(load_settings().data / "cache")


@app.command(epilog="Example: `stationthis eval run --name now && stationthis eval accept now`")
def accept(run: Run = "latest") -> None:
    """Take a run of the embedded planner for the baseline that `make test` holds it to."""
    from evals import baseline, journal

    done = journal.read(journal.path_of(run))
    if done.header.planner != "embedded":
        raise typer.BadParameter("The baseline is the embedded planner's.")
    typer.echo(f"{baseline.write(done.verdicts)} cases in {baseline.FILE}")


@app.command("case", epilog="Example: `stationthis eval case 0199... >> evals/suites/dialogues.yaml`")
def turn_to_case(turn_id: Annotated[str, typer.Argument(help="The id of a turn, as the page and the API give it.")]) -> None:
    """Turn a recorded turn of the database (standard tier only) into a case on standard output."""
    import asyncio

    from base.log import configure
    from evals.recording.assembly import recorded

    configure("ERROR")
    typer.echo(asyncio.run(recorded(load_settings(), turn_id)), nl=False)


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160)
