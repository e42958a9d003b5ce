"""What a run looks like on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from evals import summary, words
from evals.comparing import Comparison, Pair
from evals.model import Figures, Journal, Verdict
from evals.scorers import LAYERS

SHOWN = 40
"""How many failing cases are listed."""


def show(console: Console, journal: Journal, *, held: bool = False) -> None:
    """Suites, retrieval, latency, then what is wrong: of the held-out cases only how many, unless `held`."""
    if journal.verdicts:
        console.print(suites(journal))
        _retrieval(console, journal.verdicts)
        _failing(console, journal.verdicts, held)
    if journal.latency:
        console.print(latency(journal.latency))


def suites(journal: Journal) -> Table:
    """A row a suite: share of cases with everything right, and by layer."""
    table = Table(title=f"{journal.header.planner} planner · {journal.header.run}", title_justify="left")
    table.add_column("suite")
    for column in ("cases", "right", "dev", "held", "turns", *LAYERS, "errors", "ms", "p95", "tokens", "$"):
        table.add_column(column, justify="right")
    for row in summary.by_suite(journal.verdicts):
        shares = [row.passed, row.dev, row.held, row.turns, *(row.layers[layer] for layer in LAYERS)]
        costs = ["" if not row.tokens else f"{row.tokens:.0f}", "" if not row.dollars else f"{row.dollars:.4f}"]
        table.add_row(
            row.name, str(row.cases), *map(percent, shares), str(row.errors or ""), f"{row.plan_p50:.0f}",
            f"{row.plan_p95:.0f}", *costs, style="bold" if row.name == "all" else "",
        )  # fmt: skip
    return table


def latency(figures: Sequence[Figures]) -> Table:
    """p50 and p95 of understanding and of the whole way to a checked plan."""
    table = Table(title="latency in ms", title_justify="left")
    for column in ("turns at once", "turns", "understood p50", "p95", "planned p50", "p95"):
        table.add_column(column, justify="right")
    for each in figures:
        values = (each.understand_p50, each.understand_p95, each.plan_p50, each.plan_p95)
        table.add_row(str(each.concurrent), str(each.turns), *(f"{value:.0f}" for value in values))
    return table


def percent(value: float | None) -> str:
    """A share for a person, nothing of nothing."""
    if value is None:
        return ""
    colour = "green" if value >= 0.95 else "yellow" if value >= 0.8 else "red"
    return f"[{colour}]{100 * value:.1f}[/]"


def _retrieval(console: Console, verdicts: Sequence[Verdict]) -> None:
    found = summary.retrieval(verdicts)
    if found is None:
        return
    recall = ", ".join(f"@{k} {100 * value:.1f}" for k, value in found.recall.items())
    console.print(
        f"retrieval of {found.turns} tools: recall {recall}; MRR {found.mrr:.3f}; about {found.tokens_offered:.0f} tokens"
        f" for the best eight tools, {found.tokens_catalogue:.0f} for all",
        style="dim",
    )


def _failing(console: Console, verdicts: Sequence[Verdict], held: bool) -> None:
    wrong = [verdict for verdict in verdicts if not verdict.passed]
    seen = [verdict for verdict in wrong if held or not verdict.case.held_out]
    explain(console, seen[:SHOWN])
    if len(seen) > SHOWN:
        console.print(f"... and {len(seen) - SHOWN} more: `stationthis eval report` shows all", style="dim")
    if hidden := len(wrong) - len(seen):
        console.print(f"{hidden} held-out cases are wrong too; --show-held names them", style="dim")


def explain(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Each case with its wrong parts, and of each wrong turn what was said, wanted and answered."""
    for verdict in verdicts:
        console.print(f"[red]✗[/] [bold]{verdict.case.key}[/]  {' '.join(words.wrong(verdict))}", highlight=False)
        _explain(console, verdict)


def _explain(console: Console, verdict: Verdict) -> None:
    for asked, turn in zip(verdict.case.dialogue(), verdict.turns, strict=True):
        if turn.passed:
            continue
        lines: list[tuple[str, Any]] = [("said", asked.text or f"[{asked.click}]")]
        right = dict(words.wanted(asked.expect))
        asked_for = {words.SAID_IN.get(part, part) for part, score in turn.scores.items() if not score}
        lines.append(("want", "; ".join(f"{part}: {right[part]}" for part in right if part in asked_for)))
        lines.append(("came", words.in_short(turn.answer)))
        for label, text in lines:
            console.print(f"    [dim]{label}[/] {escape(str(text))}", highlight=False, soft_wrap=True)


def differences(console: Console, before: Journal, after: Journal, found: Comparison, *, held: bool = False) -> None:
    """What fell, with the chats, then what rose, then how many stayed."""
    console.print(f"[bold]{before.header.run}[/] → [bold]{after.header.run}[/]", highlight=False)
    for pair in found.fell:
        if held or not pair.case.held_out:
            console.print(f"[red]▼[/] [bold]{pair.case.key}[/]  {_rates(pair)}", highlight=False)
            _explain(console, pair.verdicts[0])
    for pair in found.rose:
        if held or not pair.case.held_out:
            console.print(f"[green]▲[/] {pair.case.key}  {_rates(pair)}", highlight=False)
    hidden = [sum(pair.case.held_out for pair in pairs) for pairs in (found.fell, found.rose)]
    if any(hidden) and not held:
        console.print(f"held out: {hidden[0]} fell, {hidden[1]} rose; --show-held names them", style="dim")
    counts = f"{len(found.fell)} fell, {len(found.rose)} rose, {found.same} as before"
    others = {"changed": found.changed, "new": found.new, "gone": found.gone}
    more = "".join(f", {len(keys)} {word}" for word, keys in others.items() if keys)
    console.print(counts + more, style="bold red" if found.fell else "bold green")


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error where somebody watches it; what is given is told how many are done of how many."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("asking", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _rates(pair: Pair) -> str:
    return f"{pair.before[0]}/{pair.before[1]} → {pair.after[0]}/{pair.after[1]}"
