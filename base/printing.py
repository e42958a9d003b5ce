"""What commands print: JSON for programs, tables for people."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import typer


def print_json(value: Any) -> None:
    """On stdout, as written."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Without lines; None is an empty cell."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)


def short(ids: Collection[str], least: int = 8) -> dict[str, str]:
    """Id -> as much of its beginning as tells it from the others; ids of one minute begin alike."""
    for length in range(least, 36):
        if len({name[:length] for name in ids}) == len(set(ids)):
            return {name: name[:length].rstrip("-") for name in ids}
    return {name: name for name in ids}


def ago(moment: str | None, now: datetime) -> str:
    """`12 s ago`, of a moment as JSON has it; nothing where there is none."""
    if moment is None:
        return ""
    seconds = seconds_since(moment, now)
    return f"{in_words(seconds)} ago" if seconds >= 0 else f"in {in_words(-seconds)}"


def seconds_since(moment: str, now: datetime) -> float:
    """Of a moment as JSON has it; negative where it is still to come."""
    return (now - datetime.fromisoformat(moment)).total_seconds()


def in_words(seconds: float) -> str:
    """`90 s`, `5 min`, `3.5 h`, `4 days`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7_200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
