"""The report as people and programs read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.chaos.model import Report

SHOWN = 12
"""Sentences of each kind; the rest is counted."""


def as_json(report: Report, troubles: Mapping[str, int]) -> dict[str, Any]:
    """All of it."""
    found = report.findings
    return {
        "whole": report.whole, "lost": found.lost, "doubled": found.doubled, "orphaned": found.orphaned,
        "deeds": dict(sorted(report.deeds.items())), "failures": dict(report.failures),
        "figures": {name: round(value, 3) for name, value in report.figures.items()},
        "troubles": dict(troubles), "size": asdict(report.size),
    }  # fmt: skip


def show(report: Report, troubles: Mapping[str, int], console: Console) -> None:
    """As tables."""
    table = Table(title=f"Chaos, seed {report.size.seed}", show_header=False)
    for name, value in report.figures.items():
        table.add_row(name.replace("_", " "), f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}")
    for title, counted in (("deeds", report.deeds), ("failures with a name", report.failures), ("errors in logs", troubles)):
        table.add_section()
        table.add_row(title, ", ".join(f"{name} {n}" for name, n in sorted(counted.items())) or "none")
    table.add_section()
    for kind in ("lost", "doubled", "orphaned"):
        told: list[str] = getattr(report.findings, kind)
        colour = "red" if told else "green"
        more = [f"and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
        table.add_row(f"[{colour}]{kind}[/]", "\n".join([f"[{colour}]{len(told)}[/]", *told[:SHOWN], *more]))
    console.print(table)
