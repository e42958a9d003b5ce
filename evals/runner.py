"""Ask a subject every case and score what it says."""

from __future__ import annotations

from collections.abc import Iterable

from base.clock import Clock, rfc3339
from evals.model import Case, Report, Verdict
from evals.protocols import Subject
from evals.scorers import score


async def run(suite: str, cases: Iterable[Case], subject: Subject, clock: Clock, repeat: int = 1) -> Report:
    """Every case `repeat` times, one after the other, so that each time is its own."""
    verdicts = [await _judged(case, subject, clock) for case in cases for _ in range(repeat)]
    return Report(
        suite=suite, planner=subject.name, at=rfc3339(clock.now()), repeat=repeat, verdicts=tuple(verdicts)
    )


async def _judged(case: Case, subject: Subject, clock: Clock) -> Verdict:
    begun = clock.monotonic()
    answer = await subject.answer(case)
    took = 1000 * (clock.monotonic() - begun)
    return Verdict(case=case.name, text=case.text, answer=answer, scores=score(case, answer), milliseconds=round(took, 1))
