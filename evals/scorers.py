"""Small functions that hold an answer against what is expected: 1, 0, or None where nothing is expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evals.model import Answer, Case, Expected

Scorer = Callable[[Expected, Answer], int | None]


def score(case: Case, answer: Answer) -> dict[str, int]:
    """The scores by part against the right answer that fits best."""
    return max((_against(expected, answer) for expected in case.right_answers()), key=lambda scores: sum(scores.values()))


def intent(expected: Expected, answer: Answer) -> int | None:
    """The same kinds in the same order."""
    return None if expected.kinds is None else int(answer.kinds == expected.kinds)


def tool(expected: Expected, answer: Answer) -> int | None:
    """The same tools in the same order, `a|b` taking either."""
    if expected.tools is None:
        return None
    pairs = zip(expected.tools, answer.tools, strict=False)
    return int(len(expected.tools) == len(answer.tools) and all(used in either.split("|") for either, used in pairs))


def handles(expected: Expected, answer: Answer) -> int | None:
    """The same pictures, in any order."""
    return None if expected.on is None else int(set(answer.on) == set(expected.on))


def params(expected: Expected, answer: Answer) -> int | None:
    """Every expected parameter is in some step, numbers compared as numbers."""
    if not expected.params:
        return None
    return int(all(any(_same(step.get(name), value) for step in answer.params) for name, value in expected.params.items()))


def asks(expected: Expected, answer: Answer) -> int | None:
    """It asks back where it should; asking where it should not shows in `tool`."""
    return None if expected.asks is None else int(answer.asks == expected.asks)


def action(expected: Expected, answer: Answer) -> int | None:
    """The one action that was asked for."""
    return None if expected.action is None else int(answer.actions == (expected.action,))


SCORERS: dict[str, Scorer] = {
    "intent": intent, "tool": tool, "handles": handles, "params": params, "asks": asks, "action": action,
}  # fmt: skip


def _against(expected: Expected, answer: Answer) -> dict[str, int]:
    scores = {name: scorer(expected, answer) for name, scorer in SCORERS.items()}
    return {name: value for name, value in scores.items() if value is not None}


def _same(given: Any, wanted: Any) -> bool:
    try:
        return float(given) == float(wanted)
    except (TypeError, ValueError):
        return bool(given == wanted)
