"""The whole page: figures and plots in HTML, the cases as data that its script turns into chats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib import resources
from string import Template
from typing import Any

from evals import summary
from evals.comparing import Comparison, compare
from evals.model import Figures, Journal, Verdict
from evals.page import plots, views
from evals.scorers import LAYERS
from evals.summary import Row
from tools.model import Tool

TAGS = 18
FEW = 3
"""Tags with fewer cases tell nothing."""


def page(journal: Journal, before: Journal | None, tools: Sequence[Tool]) -> str:
    """One HTML document without a single reference to anything outside it."""
    compared = None if before is None else compare(before.verdicts, journal.verdicts)
    shown = views.cases(journal.verdicts, compared, {tool.name: tool for tool in tools})
    header = journal.header
    return Template(_file("page.html")).substitute(
        title=escape(f"{header.run} · evals"), run=escape(header.run), style=_file("page.css"), script=_file("page.js"),
        facts=_facts(journal), headline=_headline(journal.verdicts, compared), table=_table(journal.verdicts),
        plots="".join(_plots(journal, before)), data=_data({"cases": shown, "layers": list(LAYERS)}),
    )  # fmt: skip


def _file(name: str) -> str:
    return (resources.files("evals.page") / name).read_text(encoding="utf-8")


def _data(value: Any) -> str:
    """JSON that cannot end the script it stands in, whatever people wrote."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _facts(journal: Journal) -> str:
    header = journal.header
    repeated = f"each asked {header.repeat} times" if header.repeat > 1 else "each asked once"
    said = [f"{header.planner} planner", header.at[:16].replace("T", " "), f"split: {header.split}", repeated]
    if header.outcome:
        said.append("plans run")
    if header.scripted:
        said.append("scripted model: the path, not the wits")
    return " · ".join(map(escape, said))


def _headline(verdicts: Sequence[Verdict], compared: Comparison | None) -> str:
    whole = summary.row("all", verdicts)
    numbers = [
        ("all parts right", _percent(whole.passed)), ("dev", _percent(whole.dev)), ("held out", _percent(whole.held)),
        ("cases", str(whole.cases)), ("errors", str(whole.errors)), ("to a plan, p50", f"{whole.plan_p50:.0f} ms"),
    ]  # fmt: skip
    if whole.tokens:
        numbers.append(("tokens a turn", f"{whole.tokens:.0f}"))
    if whole.dollars:
        numbers.append(("spent", f"${whole.dollars:.3f}"))
    if compared is not None:
        numbers += [("fell", str(len(compared.fell))), ("rose", str(len(compared.rose)))]
    return "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for name, value in numbers)


def _table(verdicts: Sequence[Verdict]) -> str:
    columns = ["suite", "cases", "right", "dev", "held", "turns", *LAYERS, "errors", "p50 ms", "p95 ms", "tokens"]
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    return f"<thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, summary.by_suite(verdicts)))}</tbody>"


def _row(row: Row) -> str:
    shares = [row.passed, row.dev, row.held, row.turns, *(row.layers[layer] for layer in LAYERS)]
    cells = [f"<td>{row.cases}</td>", *map(_cell, shares), f"<td>{row.errors or ''}</td>"]
    tokens = f"{row.tokens:.0f}" if row.tokens else ""
    cells += [f"<td>{row.plan_p50:.0f}</td>", f"<td>{row.plan_p95:.0f}</td>", f"<td>{tokens}</td>"]
    kind = ' class="all"' if row.name == "all" else ""
    return f"<tr{kind}><th>{escape(row.name)}</th>{''.join(cells)}</tr>"


def _cell(share: float | None) -> str:
    if share is None:
        return "<td></td>"
    kind = "good" if share >= 0.95 else "fair" if share >= 0.8 else "poor"
    return f'<td class="{kind}">{100 * share:.1f}</td>'


def _plots(journal: Journal, before: Journal | None) -> list[str]:
    verdicts = journal.verdicts
    answers = [turn.answer for verdict in verdicts for turn in verdict.turns]
    found = [_changes(journal, before), _tags(verdicts)]
    if verdicts:
        times = plots.histogram([answer.took.plan for answer in answers], "Time to a checked plan")
        note = "From the message to the checked plan, tool search included."
        found.append(_figure("How long an answer takes", times, note))
        found.append(f'<div class="pair">{_calibration(verdicts)}{_retrieval(verdicts)}</div>')
    if journal.latency:
        note = "Milliseconds, real encoder and planner."
        found.append(_figure("Waiting alone and among many", _latency(journal.latency), note))
    return [figure for figure in found if figure]


def _calibration(verdicts: Sequence[Verdict]) -> str:
    stated = [(turn.answer.confidence, turn.passed) for verdict in verdicts for turn in verdict.turns]
    promise = "On the dashed line confidence means what it says; below it promises too much."
    return _figure("Is it as sure as it should be?", plots.calibration(stated, "Calibration"), promise)


def _changes(journal: Journal, before: Journal | None) -> str:
    if before is None:
        return ""
    both = {v.case.key for v in journal.verdicts} & {v.case.key for v in before.verdicts}
    old, new = (summary.by_suite([v for v in run.verdicts if v.case.key in both]) for run in (before, journal))
    rows = [(b.name, a.passed or 0.0, b.passed or 0.0) for a, b in zip(old, new, strict=True)]
    note = f"Percentage points by suite, over the {len(both)} cases of both runs."
    return _figure(f"Since {before.header.run}", plots.slopes(rows, "Change by suite"), note)


def _tags(verdicts: Sequence[Verdict]) -> str:
    rows = [row for row in summary.by_tag(verdicts) if row.cases >= FEW and row.passed is not None]
    worst = sorted(rows, key=lambda row: (row.passed or 0.0, -row.cases))[:TAGS]
    if not worst:
        return ""
    bars = plots.bars([(row.name, row.passed or 0.0, row.cases) for row in worst], "Share right by tag")
    return _figure("Where it is weakest", bars, f"Share right by tag, the {len(worst)} lowest with at least {FEW} cases.")


def _retrieval(verdicts: Sequence[Verdict]) -> str:
    found = summary.retrieval(verdicts)
    if found is None:
        return ""
    note = (
        f"MRR {found.mrr:.3f} over {found.turns} tools needed. The best eight take about {found.tokens_offered:.0f} tokens,"
        f" the whole catalogue {found.tokens_catalogue:.0f}."
    )
    return _figure("Is its tool among the first?", plots.curve(list(found.recall.items()), "Recall at k"), note)


def _latency(figures: Sequence[Figures]) -> str:
    rows = "".join(
        f"<tr><th>{each.concurrent} at once</th><td>{each.understand_p50:.0f}</td><td>{each.understand_p95:.0f}</td>"
        f"<td>{each.plan_p50:.0f}</td><td>{each.plan_p95:.0f}</td></tr>"
        for each in figures
    )
    head = "<th></th><th>understood p50</th><th>p95</th><th>planned p50</th><th>p95</th>"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _figure(title: str, body: str, note: str) -> str:
    return f"<figure><h3>{escape(title)}</h3>{body}<figcaption>{escape(note)}</figcaption></figure>"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
