"""Small functions that hold an answer against what is expected: 1, 0, or None where nothing is expected. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.model import Shown
from evals.matching import Defaults, matched, params_fit, tool_fits
from evals.model import Answer, CaseTurn, Expected, PictureExpected, PictureFacts

OFFERED = 10
"""Retrieval is right when what is needed is among so many tools."""


@dataclass(frozen=True)
class Known:
    """What scoring knows besides the answer: what was shown, and the tools' defaults."""

    shown: Sequence[Shown] = ()
    defaults: Defaults = field(default_factory=dict)


Scorer = Callable[[Expected, Answer, Known], bool | None]


def score(turn: CaseTurn, answer: Answer, known: Known) -> dict[str, int]:
    """The scores by part against the right answer that fits best. An error is wrong in every part."""
    against = [_against(expected, answer, known) for expected in turn.right_answers()]
    return max(against, key=lambda scores: (all(scores.values()), sum(scores.values()) / max(1, len(scores))))


def kinds(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """The same kinds in the same order."""
    return None if expected.kinds is None else tuple(intent.kind for intent in answer.intents) == expected.kinds


def on(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """The same pictures, in any order: by intent where the case says so, else all together."""
    if expected.on is None:
        return None
    given = [set(intent.on) for intent in answer.intents]
    if expected.on and not isinstance(expected.on[0], str):
        return given == [set(each) for each in expected.on]
    return set().union(*given) == set(expected.on)


def asks(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """It asks back where it should, and only there."""
    return None if expected.asks is None else (answer.question is not None) == expected.asks


def choices(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """Each word is on some button."""
    labels = " \n ".join(choice.label for choice in answer.choices).lower()
    return None if expected.choices is None else all(word.lower() in labels for word in expected.choices)


def action(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """The one action that was asked for, on its target; `none` is no action at all."""
    if expected.action is None:
        return None
    actions = [control.action.value for control in answer.controls]
    if expected.action == "none":
        return not actions
    if actions != [expected.action]:
        return False
    control = answer.controls[0]
    return expected.target in (None, control.target) and expected.title in (None, control.title)


def reply(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """One word of each group is in what the person reads."""
    if expected.reply is None:
        return None
    text = f"{answer.reply}\n{answer.question or ''}".lower()
    return all(any(word.lower() in text for word in group) for group in expected.reply)


def offered(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """Search found these tools among the first ten."""
    return None if expected.offered is None else set(expected.offered) <= set(answer.found[:OFFERED])


def valid(_expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """A plan that is there has passed the checks; where planning ended in a problem, it has not."""
    return None if answer.plan is None and answer.error is None else answer.error is None


def plans(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """There is a plan where there should be one, and only there."""
    return None if expected.plans is None else (answer.plan is not None) == expected.plans


def tools(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """The same tools, each as often."""
    return None if expected.steps is None else matched(expected.steps, _steps(answer), tool_fits, linked=False)


def links(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """The same tools fed by the same pictures."""
    if not any(step.inputs for step in expected.steps or ()):
        return None
    return matched(expected.steps or (), _steps(answer), tool_fits, linked=True)


def params(expected: Expected, answer: Answer, known: Known) -> bool | None:
    """The same tools, fed alike, with every expected parameter."""
    if not any(step.params for step in expected.steps or ()):
        return None
    return matched(expected.steps or (), _steps(answer), params_fit(known.defaults), linked=True)


def kept(expected: Expected, answer: Answer, known: Known) -> bool | None:
    """What the refinement did not name is as it was. A tool that has no such parameter cannot have changed it."""
    if expected.kept is None:
        return None
    pairs = _before_and_after(expected, answer, known, expected.kept)
    return pairs is not None and all(after is _NO_SUCH or before == after for before, after in pairs)


def changed(expected: Expected, answer: Answer, known: Known) -> bool | None:
    """What should differ does."""
    if expected.changed is None:
        return None
    pairs = _before_and_after(expected, answer, known, expected.changed)
    return pairs is not None and all(after is not _NO_SUCH and before != after for before, after in pairs)


def warns(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """The plan says these warnings, perhaps among others."""
    if expected.warns is None:
        return None
    return set(expected.warns) <= {warning.code for warning in (answer.plan.warnings if answer.plan else ())}


def delivered(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """As many results as the person asked for."""
    if expected.delivered is None:
        return None
    return sum(how_many(answer).get(step.id, 1) for step in _steps(answer) if step.deliver) == expected.delivered


def picture(expected: Expected, answer: Answer, _known: Known) -> bool | None:
    """Every delivered picture is as expected. Not scored where plans are not run."""
    if expected.picture is None or answer.pictures is None:
        return None
    wanted = expected.picture
    return bool(answer.pictures) and all(_as_expected(wanted, facts) for facts in answer.pictures)


SCORERS: dict[str, Scorer] = {
    "kinds": kinds, "on": on, "asks": asks, "choices": choices, "action": action, "reply": reply, "offered": offered,
    "valid": valid, "plans": plans, "tools": tools, "links": links, "params": params, "kept": kept,
    "changed": changed, "warns": warns, "delivered": delivered, "picture": picture,
}  # fmt: skip
LAYERS: dict[str, tuple[str, ...]] = {
    "intent": ("kinds", "on", "asks", "choices", "action", "reply"),
    "retrieval": ("offered",),
    "plan": ("valid", "plans", "tools", "links", "params", "kept", "changed", "warns", "delivered"),
    "outcome": ("picture",),
}


def how_many(answer: Answer) -> dict[str, int]:
    """How many pictures each step makes. A step that is fed a batch stands in the plan once for each of its pictures."""
    counts = {step.id: step.params.get("count", 1) for step in _steps(answer)}
    return {step: count if isinstance(count, int) else 1 for step, count in counts.items()}


def _against(expected: Expected, answer: Answer, known: Known) -> dict[str, int]:
    scores = {name: scorer(expected, answer, known) for name, scorer in SCORERS.items()}
    given = {name: int(value) for name, value in scores.items() if value is not None}
    return dict.fromkeys(given, 0) if answer.error else given


def _steps(answer: Answer) -> Sequence[Any]:
    return answer.plan.steps if answer.plan else ()


_NO_SUCH = object()


def _before_and_after(
    expected: Expected, answer: Answer, known: Known, names: Sequence[str]
) -> list[tuple[Any, Any]] | None:
    """The values in the picture it is about and in the last step; None where there is no picture or no step."""
    steps = _steps(answer)
    base = _about(expected, answer, known)
    if base is None or not steps:
        return None
    last = steps[-1]
    defaults = known.defaults.get(last.tool, {})
    return [
        (_made_with(base, name, known), last.params.get(name, defaults.get(name)) if name in defaults else _NO_SUCH)
        for name in names
    ]


def _about(expected: Expected, answer: Answer, known: Known) -> Shown | None:
    """The picture in `on`: the expected one, else the one that was bound."""
    flat = [ref for each in expected.on or () for ref in ((each,) if isinstance(each, str) else each)]
    bound = [ref for intent in answer.intents for ref in intent.on]
    by_name = _by_name(known)
    return next((by_name[ref] for ref in (*flat, *bound) if ref in by_name), None)


def _made_with(item: Shown, name: str, known: Known) -> Any:
    """A parameter of a picture, else of what it was made from."""
    by_name = _by_name(known)
    for _ in range(len(by_name) + 1):
        defaults = known.defaults.get(item.tool or "", {})
        if name in item.params or name in defaults:
            return item.params.get(name, defaults.get(name))
        parent = next((by_name[ref] for ref in item.parents if ref in by_name), None)
        if parent is None:
            return None
        item = parent
    return None


def _by_name(known: Known) -> Mapping[str, Shown]:
    return {name: item for item in known.shown for name in (item.ref, item.handle) if name}


def _as_expected(wanted: PictureExpected, facts: PictureFacts) -> bool:
    same = {"size": facts.size, "alpha": facts.alpha, "blank": facts.blank, "gray": facts.gray}
    if any(getattr(wanted, name) not in (None, value) for name, value in same.items()):
        return False
    differs = facts.changed_box is not None or not facts.comparable
    if wanted.changed is not None and wanted.changed != differs:
        return False
    return wanted.unchanged_outside is None or (facts.comparable and _within(facts.changed_box, wanted.unchanged_outside))


def _within(box: tuple[int, int, int, int] | None, outer: tuple[int, int, int, int]) -> bool:
    if box is None:
        return True
    x, y, width, height = box
    left, top, across, down = outer
    return left <= x and top <= y and x + width <= left + across and y + height <= top + down
