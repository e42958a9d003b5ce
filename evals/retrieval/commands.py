"""`stationthis eval retrieval`: is the right tool found for what people say?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from evals.retrieval.scoring import Answered


def retrieval(
    split: Annotated[
        Literal["all", "dev", "held", "blind"], typer.Option(help="A third of the queries is held out, and all that are blind.")
    ] = "all",
    misses: Annotated[bool, typer.Option(help="Say what was found instead, where the right tool is not first.")] = False,
    show_held: Annotated[bool, typer.Option(help="Name held-out queries too, which tuners do not read.")] = False,
) -> None:
    """Ask the search every query and print how far down the right tool stands, by family."""
    import asyncio

    from rich.console import Console

    from base.log import configure
    from base.settings import load_settings
    from evals.retrieval.assembly import ask_all
    from evals.retrieval.queries import select

    configure("ERROR")
    answers = asyncio.run(ask_all(select(split), load_settings().data))
    console = Console()
    show(console, answers)
    if misses:
        show_misses(console, [answer for answer in answers if show_held or not answer.query.held_out])


def show(console: Console, answers: Sequence[Answered]) -> None:
    """A line a family, and one for each split; what was written blind stands in a table of its own."""
    blind = [answer for answer in answers if answer.query.blind]
    own = [answer for answer in answers if not answer.query.blind]
    held = [answer for answer in own if answer.query.held_out]
    dev = [answer for answer in own if not answer.query.held_out]
    if own:
        _table(console, "Is the right tool found?", own, {"dev": dev, "held out": held, "all": own})
    if blind:
        _table(console, "Is it found for queries written blind?", blind, {"blind": blind})


def _table(console: Console, title: str, answers: Sequence[Answered], sums: dict[str, list[Answered]]) -> None:
    from rich.table import Table

    from evals.retrieval.scoring import DEPTHS, by_family, figures

    table = Table(title=title)
    for name in ("family", "queries", *(f"@{depth}" for depth in DEPTHS), "MRR"):
        table.add_column(name, justify="left" if name == "family" else "right")
    for part in (by_family(answers), sums):
        for name, some in part.items():
            if some:
                of = figures(some)
                table.add_row(name, str(of.count), *(f"{of.recall[d]:.1%}" for d in DEPTHS), f"{of.mrr:.3f}")
        table.add_section()
    console.print(table)


def show_misses(console: Console, answers: Sequence[Answered]) -> None:
    """What was asked, where the right one stands, and what stands before it."""
    for answer in answers:
        if answer.rank != 1:
            place = f"place {answer.rank}" if answer.rank else "not found"
            console.print(f"[bold]{answer.query.text}[/]  ({answer.query.family}, {place})", highlight=False)
            console.print(f"    {', '.join(answer.found[: (answer.rank or 6) - 1][:5])}", style="dim", highlight=False)
