"""What a report looks like: a table for a person, JSON for a program."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from rich.table import Table

from evals.model import Report, Verdict
from evals.scorers import SCORERS


def table(report: Report) -> Table:
    """A row a case, the means at the bottom."""
    shown = Table(title=f"{report.suite} · {report.planner} planner", show_footer=True, expand=False)
    means = report.means()
    shown.add_column("case", footer=f"{len(report.verdicts)} answers, {means['all']:.0%} right in every part")
    for part in SCORERS:
        shown.add_column(part, justify="center", footer=f"{means[part]:.0%}" if part in means else "")
    shown.add_column("what came", overflow="fold")
    shown.add_column("ms", justify="right", footer=f"{statistics.median(v.milliseconds for v in report.verdicts):.0f}")
    for verdict in report.verdicts:
        shown.add_row(verdict.case, *(_mark(verdict, part) for part in SCORERS), _came(verdict), f"{verdict.milliseconds:.0f}")
    return shown


def write(report: Report, path: Path) -> None:
    """The whole report with its means, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {"means": report.means(), **report.model_dump(mode="json")}
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _mark(verdict: Verdict, part: str) -> str:
    score = verdict.scores.get(part)
    return "" if score is None else "[green]✓[/]" if score else "[bold red]✗[/]"


def _came(verdict: Verdict) -> str:
    """Nothing where all is right: the eye should find what is wrong."""
    if verdict.passed:
        return ""
    answer = verdict.answer
    if answer.error:
        return f"problem {answer.error}"
    parts = (" ".join(answer.kinds), " ".join(answer.tools), " ".join(answer.on), "asks" if answer.asks else "")
    return " · ".join(part for part in parts if part)
