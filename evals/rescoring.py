"""Score a run again against the suites as they are now, without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping

from evals import cases, runner
from evals.model import Case, Journal, Verdict
from tools.model import Tool


def rescored(journal: Journal, name: str, tools: Mapping[str, Tool]) -> tuple[Journal, list[str]]:
    """The run under a new name with today's scores, and the cases whose words are others now, which are left out."""
    today = {case.key: case for case in cases.select(())}
    kept: list[Verdict] = []
    lost: dict[str, None] = {}
    for verdict in journal.verdicts:
        case = today.get(verdict.case.key)
        if case is None or not _answers(verdict, case):
            lost[verdict.case.key] = None
        else:
            kept.append(runner.again(verdict, case, tools))
    header = journal.header.model_copy(update={"run": name})
    return Journal(header=header, verdicts=tuple(kept), latency=journal.latency), list(lost)


def _answers(verdict: Verdict, case: Case) -> bool:
    return len(verdict.turns) == len(case.dialogue()) and runner.same_words(verdict.case, case)
