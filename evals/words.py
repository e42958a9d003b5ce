"""A case, what was wanted and what came, in words for a person: the terminal and the page say the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.matching import reference
from evals.model import Answer, Expected, StepExpected, Verdict
from tools.model import Step

SAID_IN = {"tools": "steps", "links": "steps", "params": "steps"}
"""Parts that are scored apart and said together."""


def wanted(expected: Expected) -> list[tuple[str, str]]:
    """What is right: part and value, in the order of the parts."""
    said = expected.model_dump(mode="json", exclude_none=True)
    found = []
    for part, value in said.items():
        if part == "steps":
            text = ", ".join(map(expected_step, expected.steps or ())) or "no plan"
        elif part == "reply":
            text = " and ".join(" or ".join(group) for group in value)
        elif part == "action":
            text = f"{value} {expected.target or ''}".strip()
        elif part == "target":
            continue
        elif part == "picture":
            text = _pairs({name: fact for name, fact in value.items() if fact is not None})
        else:
            text = _value(value)
        found.append((part, text))
    return found


def came(answer: Answer) -> list[tuple[str, str]]:
    """What the planner said, in the same words."""
    if answer.error:
        return [("error", f"{answer.error}: {answer.detail}")]
    steps = answer.plan.steps if answer.plan else ()
    said = {
        "kinds": _value([intent.kind for intent in answer.intents]),
        "on": _value([list(intent.on) for intent in answer.intents]),
        "steps": ", ".join(map(actual_step, steps)) or "no plan",
        "asks": answer.question or "",
        "choices": _value([choice.label for choice in answer.choices]),
        "action": _value([f"{c.action.value} {c.target or ''}".strip() for c in answer.controls]),
        "reply": answer.reply,
        "warns": _value([warning.code for warning in answer.plan.warnings]) if answer.plan else "",
    }
    return [(part, text) for part, text in said.items() if text]


def in_short(answer: Answer) -> str:
    """What came, on one line."""
    if answer.error:
        return f"{answer.error}: {answer.detail}"
    parts = dict(came(answer))
    chosen = [parts.get("kinds", ""), parts["steps"] if answer.plan else "", parts.get("action", "")]
    asked = f"asks: {answer.question}" if answer.question else ""
    return " · ".join(part for part in (*chosen, asked) if part)


def wrong(verdict: Verdict) -> list[str]:
    """The parts that are wrong, of a dialogue with the number of the turn."""
    many = len(verdict.turns) > 1
    return [
        f"{number}.{part}" if many else part
        for number, turn in enumerate(verdict.turns, start=1)
        for part, score in turn.scores.items()
        if not score
    ]


def expected_step(step: StepExpected) -> str:
    return _step(step.tool, {port: list(refs) for port, refs in step.inputs.items()}, step.params)


def actual_step(step: Step) -> str:
    inputs = {port: [reference(ref) for ref in refs] for port, refs in step.inputs.items()}
    return _step(step.tool, inputs, step.params)


def _step(tool: str, inputs: Mapping[str, list[str]], params: Mapping[str, Any]) -> str:
    fed = " + ".join(ref for refs in inputs.values() for ref in refs)
    inside = "; ".join(part for part in (fed, _pairs(params)) if part)
    return f"{tool}({inside})" if inside else tool


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(f"[{_value(each)}]" if isinstance(each, list) else str(each) for each in value) or "none"
    return "yes" if value is True else "no" if value is False else str(value)
