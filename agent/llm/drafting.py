"""From the parts of a model's answer to intents, a draft, a question and controls. Pure.

What names nothing is Unusable with the reason, so that the model can mend it. Seeds are the house's own affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.llm.parse import ControlPart, Head, IntentPart, StepPart, Unusable
from agent.model import (
    Action,
    Choice,
    Clarification,
    Control,
    Draft,
    DraftStep,
    Intent,
    IntentKind,
    PlanningRequest,
    Shown,
)
from tools.model import Parameter, Tool

MAX_CHOICES = 6
_ON_EXISTING = frozenset({IntentKind.TRANSFORM, IntentKind.ITERATE, IntentKind.CHAIN})
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Drafted:
    """A model's answer in our terms, before the draft is checked."""

    intents: tuple[Intent, ...]
    confidence: float
    draft: Draft | None
    clarification: Clarification | None
    controls: tuple[Control, ...]


def drafted(head: Head, request: PlanningRequest, offered: Mapping[str, Tool]) -> Drafted:
    """Raises Unusable with everything that names nothing or contradicts itself."""
    reasons = [*_unbound(head, request), *_contradictions(head), *_not_offered(head, offered)]
    controls, complaints = _controls(head.controls, request)
    if reasons or complaints:
        raise Unusable([*reasons, *complaints])
    return Drafted(
        intents=tuple(_intent(part, request) for part in head.intents),
        confidence=min(1.0, max(0.0, head.confidence)),
        draft=_draft(head, request, offered) if head.steps else None,
        clarification=_clarification(head),
        controls=controls,
    )


def _unbound(head: Head, request: PlanningRequest) -> list[str]:
    """Handles that the conversation does not have, and edits of nothing."""
    known = _names(request) | {step.id for step in head.steps}
    named = [name for intent in head.intents for name in intent.on]
    named += [name for step in head.steps for names in step.inputs.values() for name in names]
    reasons = [f"There is no {name} in this conversation." for name in dict.fromkeys(named) if name not in known]
    first = head.intents[0]
    if head.steps and first.kind in _ON_EXISTING and not first.on:
        reasons.append(f"A {first.kind.value} works on something: bind `on` to a handle first, or ask.")
    return reasons


def _contradictions(head: Head) -> Iterable[str]:
    if head.steps and head.clarification is not None:
        yield "Give either steps or a clarification, not both."
    if len({step.id for step in head.steps}) < len(head.steps):
        yield "Two steps have the same id."


def _not_offered(head: Head, offered: Mapping[str, Tool]) -> Iterable[str]:
    for name in dict.fromkeys(step.tool for step in head.steps):
        if name not in offered:
            yield f"{name} is not among the tools; they are {', '.join(offered) or 'none'}."


def _intent(part: IntentPart, request: PlanningRequest) -> Intent:
    """`on` keeps handles and refs only: a step of the same answer is not there yet."""
    on = tuple(name for name in dict.fromkeys(part.on) if name in _names(request))
    return Intent(part.kind, part.summary, on, dict(part.constraints))


def _clarification(head: Head) -> Clarification | None:
    if head.clarification is None:
        return None
    labels = [label for label in dict.fromkeys(head.clarification.choices) if label.strip()][:MAX_CHOICES]
    choices = tuple(Choice(f"c{number}", label, {"text": label}) for number, label in enumerate(labels, 1))
    return Clarification(head.clarification.question, choices)


def _controls(parts: Iterable[ControlPart], request: PlanningRequest) -> tuple[tuple[Control, ...], list[str]]:
    """Controls with their targets filled in, and complaints about those that have none."""
    controls, complaints = [], []
    for part in parts:
        allowed, meant = _targets(part.action, request)
        target = part.target or meant
        if part.action is Action.RETRY:
            controls.append(Control(part.action))
        elif target in allowed:
            controls.append(Control(part.action, target))
        else:
            complaints.append(f"There is nothing to {part.action.value}{f' called {part.target}' if part.target else ''}.")
    return tuple(controls), complaints


def _targets(action: Action, request: PlanningRequest) -> tuple[tuple[str | None, ...], str | None]:
    """What an action may name, and what it means when it names nothing."""
    waiting = (request.waiting,) if request.waiting else ()
    if action is Action.CANCEL:
        runs = (*request.running, *waiting)
        return runs, runs[-1] if runs else None
    if action is Action.CONFIRM:
        return waiting, request.waiting
    return tuple(item.handle for item in request.shown if item.handle), None


def _draft(head: Head, request: PlanningRequest, offered: Mapping[str, Tool]) -> Draft:
    steps = tuple(
        _step(part, offered[part.tool], number, head, request) for number, part in enumerate(head.steps)
    )
    return Draft(head.summary or head.intents[0].summary, steps)


def _step(part: StepPart, tool: Tool, number: int, head: Head, request: PlanningRequest) -> DraftStep:
    given = {name: value for name, value in part.params.items() if value is not None}
    params = {name: _typed(value, tool.params.get(name)) for name, value in given.items()}
    if "seed" in tool.params:
        params["seed"] = _seed(params, tool, number, head, request)
    inputs = {port: tuple(names) for port, names in part.inputs.items() if names}
    return DraftStep(part.id, part.tool, params, inputs, part.deliver)


def _typed(value: Any, spec: Parameter | None) -> Any:
    """A number or a yes that came as a text, as models like to write them; the rest is judged by the checks."""
    if spec is None or not isinstance(value, str):
        return value
    if spec.type == "boolean":
        return _YES_NO.get(value.strip().lower(), value)
    if spec.type in ("integer", "number"):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _seed(params: Mapping[str, Any], tool: Tool, number: int, head: Head, request: PlanningRequest) -> int:
    """The person's own where they named one; the picture's where it is made again in another way; else this turn's."""
    named = params.get("seed")
    if isinstance(named, int | float) and str(int(named)) in re.findall(r"\d+", request.text):
        return int(named)
    before = _made_again(tool, head, request)
    if before is not None and _differs(params, before.params, tool):
        return int(before.params["seed"])
    highest = tool.params["seed"].maximum
    return (request.seed + number) % (int(highest) + 1 if highest is not None else 2**53)


def _made_again(tool: Tool, head: Head, request: PlanningRequest) -> Shown | None:
    """The picture that an iteration makes anew with the tool that made it."""
    iterated = [name for intent in head.intents if intent.kind is IntentKind.ITERATE for name in intent.on]
    for item in request.shown:
        if (item.handle in iterated or item.ref in iterated) and item.tool == tool.name and "seed" in item.params:
            return item
    return None


def _differs(params: Mapping[str, Any], before: Mapping[str, Any], tool: Tool) -> bool:
    """Whether more than the number of pictures changes: the same words with the same seed give the same picture."""
    return any(
        params.get(name, spec.default) != before.get(name, spec.default)
        for name, spec in tool.params.items()
        if name not in ("seed", "count") and spec.type != "model"
    )


def _names(request: PlanningRequest) -> set[str]:
    return {name for item in request.shown for name in (item.ref, item.handle) if name}
