"""The types of measuring: a case, what is expected of it, what came of it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShownCase(_Frozen):
    """A picture that the conversation has already."""

    handle: str
    origin: str = "output"
    size: tuple[int, int] = (768, 768)
    tool: str | None = None
    parents: tuple[str, ...] = ()
    words: str = ""


class Expected(_Frozen):
    """What is right. A part that is left out is not scored."""

    kinds: tuple[str, ...] | None = None
    """Intent kinds in order."""
    tools: tuple[str, ...] | None = None
    """Tools of the plan in order; `a|b` takes either."""
    on: tuple[str, ...] | None = None
    """Handles that the intents were bound to, in any order."""
    params: dict[str, Any] | None = None
    """Parameters that some step of the plan must have."""
    asks: bool | None = None
    """Whether it should ask back instead of planning."""
    action: str | None = None
    """What a control intent does."""


class Case(_Frozen):
    """One message in one situation."""

    name: str
    text: str
    shown: tuple[ShownCase, ...] = ()
    attached: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    expect: Expected
    alt: tuple[dict[str, Any], ...] = ()
    """Parts that may be answered otherwise: each replaces those parts of `expect`."""

    def right_answers(self) -> tuple[Expected, ...]:
        """Everything that counts as right."""
        first = self.expect.model_dump(exclude_none=True)
        return (self.expect, *(Expected(**{**first, **other}) for other in self.alt))


class Answer(_Frozen):
    """What a planner made of a case, reduced to what is scored."""

    kinds: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    params: tuple[dict[str, Any], ...] = ()
    asks: bool = False
    actions: tuple[str, ...] = ()
    error: str | None = None
    """The code of the problem, where there was one instead of an answer."""
    confidence: float = 0.0


class Verdict(_Frozen):
    """A case with its answer and a score per part, 1 or 0; a part that is not scored is left out."""

    case: str
    text: str
    answer: Answer
    scores: dict[str, int]
    milliseconds: float = 0.0

    @property
    def passed(self) -> bool:
        return all(self.scores.values())


class Report(_Frozen):
    """A suite's verdicts, and their means."""

    suite: str
    planner: str
    at: str
    repeat: int
    verdicts: tuple[Verdict, ...] = Field(repr=False)

    def means(self) -> dict[str, float]:
        """Share of right answers by part, and of cases with every part right as `all`."""
        parts: dict[str, list[int]] = {}
        for verdict in self.verdicts:
            for part, score in verdict.scores.items():
                parts.setdefault(part, []).append(score)
            parts.setdefault("all", []).append(int(verdict.passed))
        return {part: round(sum(scores) / len(scores), 4) for part, scores in parts.items()}
