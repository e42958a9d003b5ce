"""`stationthis eval`: how well the agent understands. Light to import: planners are imported when one is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from base.settings import load_settings


def evaluate(
    suite: Annotated[str, typer.Argument(help="A file of evals/suites, without its ending.")] = "first",
    out: Annotated[Path | None, typer.Option("--json", help="Where the report goes; evals/results/ if left out.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="How often each case is asked.")] = 1,
) -> None:
    """Ask the planner every case of a suite, print a table and write the report as JSON."""
    from rich.console import Console

    from base.clock import SystemClock
    from base.log import configure
    from evals import cases, report, runner
    from evals.assembly import open_subject
    from evals.model import Report

    async def measured() -> Report:
        clock = SystemClock()
        wanted = cases.load(suite)
        async with open_subject(load_settings()) as subject:
            return await runner.run(suite, wanted, subject, clock, repeat)

    configure("WARNING")
    result = asyncio.run(measured())
    console = Console(stderr=False)
    console.print(report.table(result))
    path = out or Path("evals", "results", f"{result.suite}-{result.planner}.json")
    report.write(result, path)
    console.print(f"written to {path}", style="dim")
