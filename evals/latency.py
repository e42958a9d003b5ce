"""How long a person waits to be understood, alone and among many. Figures, never asserted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import cycle, islice

from evals.model import Case, Figures, Took
from evals.protocols import Subject
from evals.stage import arrived, opening
from evals.summary import quantile

CONCURRENT = (1, 50)
TURNS = 200


async def measure(cases: Sequence[Case], subject: Subject) -> list[Figures]:
    """p50 and p95 with one turn at a time and with fifty at once, over the same first messages of cases."""
    await _round(cases, subject, 1, 10)  # what is loaded at first use is loaded now
    return [_figures(concurrent, await _round(cases, subject, concurrent, TURNS)) for concurrent in CONCURRENT]


async def _round(cases: Sequence[Case], subject: Subject, concurrent: int, turns: int) -> list[Took]:
    """So many turns, always `concurrent` of them under way at once."""
    left = iter(list(islice(cycle(cases), turns)))
    found: list[Took] = []

    async def person() -> None:
        for case in left:
            turn = case.dialogue()[0]
            answer = await subject.answer(case, turn, arrived(opening(case), turn))
            found.append(answer.took)

    await asyncio.gather(*(person() for _ in range(concurrent)))
    return found


def _figures(concurrent: int, took: Sequence[Took]) -> Figures:
    understood, planned = [t.understand for t in took], [t.plan for t in took]
    return Figures(
        concurrent=concurrent, turns=len(took),
        understand_p50=quantile(understood, 0.5), understand_p95=quantile(understood, 0.95),
        plan_p50=quantile(planned, 0.5), plan_p95=quantile(planned, 0.95),
    )  # fmt: skip
