"""From the parts of a model's answer to intents, a draft, a question and controls. Pure.

What names nothing is Unusable with the reason, so that the model can mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.llm import remaking
from agent.llm.parse import Head, IntentPart, StepPart, Unusable
from agent.model import (
    Action,
    Control,
    Draft,
    DraftStep,
    Intent,
    IntentKind,
    PlanningRequest,
)
from tools.model import Parameter, Tool

_ON_EXISTING = frozenset({IntentKind.TRANSFORM, IntentKind.ITERATE, IntentKind.CHAIN})
YES_CHARS = 60
TITLE_CHARS = 80
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Offer:
    """An answer to a question: the words of its button, and the work that a click sets going, if there is any."""

    label: str
    draft: Draft | None = None


@dataclass(frozen=True)
class Drafted:
    """A model's answer in our terms, before any draft is checked."""

    intents: tuple[Intent, ...]
    confidence: float
    """That of the least certain intent."""
    draft: Draft | None
    maybe: tuple[str, ...]
    """Handles that may be meant instead of the first one bound, best first."""
    question: str | None
    offers: tuple[Offer, ...]
    controls: tuple[Control, ...]


def drafted(head: Head, request: PlanningRequest, offered: Mapping[str, Tool]) -> Drafted:
    """Raises Unusable with everything that names nothing or contradicts itself."""
    choices = [] if head.clarification is None else head.clarification.choices
    reasons = [*_unbound(head, request), *_contradictions(head)]
    for steps in (head.steps, *(choice.steps for choice in choices)):
        reasons += _not_there(steps, request, offered)
    controls, complaints = _controls(head, request)
    if reasons or complaints:
        raise Unusable(list(dict.fromkeys([*reasons, *complaints])))
    title = ", then ".join(part.summary for part in head.intents if part.summary)
    doubtful = min(head.intents, key=lambda part: part.confidence)
    return Drafted(
        intents=tuple(_intent(part, request) for part in head.intents),
        confidence=min(1.0, max(0.0, doubtful.confidence)),
        draft=_draft(title, head.steps, head, request, offered) if head.steps else None,
        maybe=tuple(name for name in dict.fromkeys(doubtful.maybe) if name in _names(request)),
        question=None if head.clarification is None else head.clarification.question,
        offers=tuple(
            Offer(choice.label, _draft(choice.label, choice.steps, head, request, offered) if choice.steps else None)
            for choice in choices
        ),
        controls=controls,
    )


def _unbound(head: Head, request: PlanningRequest) -> list[str]:
    """Handles that the conversation does not have, and edits of nothing."""
    known = _names(request) | {step.id for step in head.steps}
    named = [name for intent in head.intents for name in intent.on]
    reasons = [f"There is no {name} in this conversation." for name in dict.fromkeys(named) if name not in known]
    first = head.intents[0]
    if head.steps and first.kind in _ON_EXISTING and not first.on:
        reasons.append(f"A {first.kind.value} works on something: bind `on` to a handle first, or ask.")
    return reasons


def _contradictions(head: Head) -> Iterable[str]:
    if head.steps and head.clarification is not None:
        yield "Give either steps or a clarification, not both."


def _not_there(steps: Sequence[StepPart], request: PlanningRequest, offered: Mapping[str, Tool]) -> Iterable[str]:
    """What is wrong with the names in a list of steps."""
    known = _names(request) | {step.id for step in steps}
    if len({step.id for step in steps}) < len(steps):
        yield "Two steps have the same id."
    for step in steps:
        if (tool := offered.get(step.tool)) is None:
            yield f"{step.tool} is not among the tools; they are {', '.join(offered) or 'none'}."
        elif (reason := remaking.reason_against(step, tool, request)) is not None:
            yield reason
        for name in (name for names in step.inputs.values() for name in names):
            if name not in known:
                yield f"There is no {name} in this conversation."


def _intent(part: IntentPart, request: PlanningRequest) -> Intent:
    """`on` keeps handles and refs only: a step of the same answer is not there yet."""
    on = tuple(name for name in dict.fromkeys(part.on) if name in _names(request))
    return Intent(part.kind, part.summary, on, {name: _plain(value) for name, value in part.constraints.items()})


def _plain(value: Any) -> Any:
    """`10` is a number, `16:9` and `cheap` are words."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _controls(head: Head, request: PlanningRequest) -> tuple[tuple[Control, ...], list[str]]:
    """Controls with their targets filled in, and complaints about those that have none."""
    controls, complaints = [], []
    for part in head.controls:
        allowed, meant = _targets(part.action, request)
        target = part.target or meant
        if part.action is Action.RETRY:
            controls.append(Control(part.action))
        elif part.action is Action.SAVE_SPELL and not (part.title or "").strip():
            complaints.append("A spell needs a title: ask the person what it shall be called.")
        elif target not in allowed:
            complaints.append(f"There is nothing to {part.action.value}{f' called {part.target}' if part.target else ''}.")
        elif part.action is Action.CONFIRM and not _may_say_yes(head, request):
            complaints.append("The message asks for something else: only a message that is a yes confirms a run.")
        else:
            controls.append(Control(part.action, target, (part.title or "").strip()[:TITLE_CHARS]))
    return tuple(controls), complaints


def _may_say_yes(head: Head, request: PlanningRequest) -> bool:
    """A yes spends credits, so it takes more than a model that was talked into it: a short message that brings nothing and
    starts nothing."""
    return len(request.text) <= YES_CHARS and not request.attached and not head.steps


def _targets(action: Action, request: PlanningRequest) -> tuple[tuple[str | None, ...], str | None]:
    """What an action may name, and what it means when it names nothing."""
    waiting = (request.waiting,) if request.waiting else ()
    if action is Action.CANCEL:
        runs = (*request.running, *waiting)
        return runs, runs[-1] if runs else None
    if action is Action.CONFIRM:
        return waiting, request.waiting
    if action is Action.SHARE_SPELL:
        return (), None
    if action is Action.SAVE_SPELL:
        made = tuple(item.handle for item in request.shown if item.handle and item.origin == "output")
        return made, request.focus if request.focus in made else next(reversed(made), None)
    return tuple(item.handle for item in request.shown if item.handle), None


def _draft(
    title: str, parts: Sequence[StepPart], head: Head, request: PlanningRequest, offered: Mapping[str, Tool]
) -> Draft:
    steps = tuple(_step(part, offered[part.tool], number, head, request) for number, part in enumerate(parts))
    return Draft(title or ", then ".join(offered[part.tool].title for part in parts), steps)


def _step(part: StepPart, tool: Tool, number: int, head: Head, request: PlanningRequest) -> DraftStep:
    given = {name: value for name, value in part.params.items() if value is not None}
    changed = {name: _typed(value, tool.params.get(name)) for name, value in given.items()}
    before = remaking.remade(part, tool, head, request)
    params = remaking.carried(changed, before, tool)
    if "seed" in tool.params:
        params["seed"] = remaking.seed(params, before, tool, number, request)
    inputs = remaking.carried_inputs(_ports(part, tool), before, tool)
    fresh = remaking.once_more(params, before, tool)
    return DraftStep(part.id, part.tool, params, inputs, part.deliver, fresh=fresh)


def _ports(part: StepPart, tool: Tool) -> dict[str, tuple[str, ...]]:
    """A tool with one input is fed through it, whatever the model calls it."""
    given = {port: tuple(names) for port, names in part.inputs.items() if names}
    if len(given) == len(tool.inputs) == 1:
        return dict(zip(tool.inputs, given.values(), strict=True))
    return given


def _typed(value: Any, spec: Parameter | None) -> Any:
    """A number or a yes that came as a text; the rest is judged by the checks."""
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


def _names(request: PlanningRequest) -> set[str]:
    return {name for item in request.shown for name in (item.ref, item.handle) if name}
