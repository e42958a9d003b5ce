"""From verdicts to figures: by suite, by layer, by tag. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.model import Answer, CaseTurn, Verdict
from evals.scorers import LAYERS

RECALL_AT = (1, 3, 5, 10)


@dataclass(frozen=True)
class Row:
    """Figures of some verdicts. Shares are between 0 and 1, None where nothing was scored; times are milliseconds."""

    name: str
    cases: int
    passed: float | None
    dev: float | None
    held: float | None
    turns: float | None
    """Share of messages: a dialogue is right when each of its turns is."""
    layers: dict[str, float | None]
    understand_p50: float
    plan_p50: float
    plan_p95: float
    tokens: float
    """Prompt and completion tokens a turn."""
    dollars: float
    errors: int


@dataclass(frozen=True)
class Retrieval:
    """How well search finds the tools that a case needs. Tokens are estimates, at four characters each."""

    turns: int
    recall: dict[int, float]
    mrr: float
    tokens_offered: float
    tokens_catalogue: float


def row(name: str, verdicts: Sequence[Verdict]) -> Row:
    """The figures of these verdicts."""
    answers = [turn.answer for verdict in verdicts for turn in verdict.turns]
    plan = [answer.took.plan for answer in answers]
    return Row(
        name=name,
        cases=len({verdict.case.key for verdict in verdicts}),
        passed=share(verdict.passed for verdict in verdicts),
        dev=share(verdict.passed for verdict in verdicts if not verdict.case.held_out),
        held=share(verdict.passed for verdict in verdicts if verdict.case.held_out),
        turns=share(turn.passed for verdict in verdicts for turn in verdict.turns),
        layers={layer: _layer(layer, verdicts) for layer in LAYERS},
        understand_p50=quantile([answer.took.understand for answer in answers], 0.5),
        plan_p50=quantile(plan, 0.5),
        plan_p95=quantile(plan, 0.95),
        tokens=_mean([a.spent.prompt_tokens + a.spent.completion_tokens for a in answers]),
        dollars=sum(answer.spent.dollars for answer in answers),
        errors=sum(answer.error is not None for answer in answers),
    )


def by_suite(verdicts: Sequence[Verdict]) -> list[Row]:
    """A row a suite, then one for all."""
    names = sorted({verdict.case.suite for verdict in verdicts})
    rows = [row(name, [v for v in verdicts if v.case.suite == name]) for name in names]
    return [*rows, row("all", verdicts)] if len(names) != 1 else rows


def by_tag(verdicts: Sequence[Verdict]) -> list[Row]:
    """A row a tag, the most frequent first."""
    tags = {tag for verdict in verdicts for tag in verdict.case.tags}
    rows = [row(tag, [v for v in verdicts if tag in v.case.tags]) for tag in tags]
    return sorted(rows, key=lambda each: (-each.cases, each.name))


def retrieval(verdicts: Sequence[Verdict]) -> Retrieval | None:
    """Over all turns that need tools: those a case names as offered, else those its steps use."""
    ranks = [
        _rank(either, turn.answer)
        for verdict in verdicts
        for asked, turn in zip(verdict.case.dialogue(), verdict.turns, strict=True)
        for either in _needed(asked)
    ]
    answers = [turn.answer for verdict in verdicts for turn in verdict.turns]
    if not ranks:
        return None
    return Retrieval(
        turns=len(ranks),
        recall={k: _mean([rank is not None and rank <= k for rank in ranks]) for k in RECALL_AT},
        mrr=_mean([1 / rank if rank else 0.0 for rank in ranks]),
        tokens_offered=_mean([answer.tokens_offered for answer in answers]),
        tokens_catalogue=_mean([answer.tokens_catalogue for answer in answers]),
    )


def share(values: Iterable[bool | int]) -> float | None:
    """How many of them are true, None of none."""
    listed = list(values)
    return sum(map(bool, listed)) / len(listed) if listed else None


def quantile(values: Sequence[float], q: float) -> float:
    """The value below which a share q of them lies; 0 of none."""
    if len(values) < 2:
        return float(values[0]) if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[min(98, round(100 * q) - 1)]


def _layer(layer: str, verdicts: Sequence[Verdict]) -> float | None:
    """The share of verdicts with every part of this layer right, among those that have one."""
    parts = LAYERS[layer]
    scored = [[turn.scores[part] for turn in v.turns for part in parts if part in turn.scores] for v in verdicts]
    return share(all(scores) for scores in scored if scores)


def _needed(turn: CaseTurn) -> list[tuple[str, ...]]:
    if turn.expect.offered is not None:
        return [(tool,) for tool in turn.expect.offered]
    return list(dict.fromkeys(step.tools for step in turn.expect.steps or ()))


def _rank(either: tuple[str, ...], answer: Answer) -> int | None:
    places = [answer.found.index(tool) + 1 for tool in either if tool in answer.found]
    return min(places, default=None)


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0
