"""A figure: what was measured, beside what we reach for."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """`reach` is an upper bound, None where there is none; nothing asserts it."""

    name: str
    value: float
    unit: str
    reach: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.reach is None or self.value <= self.reach


def median(name: str, values: Sequence[float], unit: str, reach: float | None = None) -> Figure:
    """The median, with the range and the number of measurements as its note."""
    note = f"{min(values):.3g} to {max(values):.3g}, {len(values)} times"
    return Figure(name, statistics.median(values), unit, reach, note)


def table(figures: Sequence[Figure]) -> Table:
    """One row a figure."""
    shown = Table(title="StationThis on this machine")
    for column, justify in (("figure", "left"), ("measured", "right"), ("reach", "right"), ("", "left")):
        shown.add_column(column, justify=justify)  # type: ignore[arg-type]
    for figure in figures:
        colour = "green" if figure.reached else "yellow"
        reach = "" if figure.reach is None else f"< {figure.reach:g} {figure.unit}"
        shown.add_row(figure.name, f"[{colour}]{_number(figure.value)} {figure.unit}[/]", reach, figure.note)
    return shown


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
