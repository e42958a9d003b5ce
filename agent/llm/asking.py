"""Questions whose buttons finish the work: each carries a draft that was checked, so that a click needs no model. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from agent.llm.drafting import Drafted, Offer
from agent.llm.remaking import named
from agent.model import Choice, Clarification, Draft, DraftStep, Intent, IntentKind, PlanningRequest, Shown

BAR = 0.5
"""Below this a plan is not carried out but asked about."""
MAX_CHOICES = 4
LABEL_CHARS = 60

Passes = Callable[[Draft], bool]


def clarification(meant: Drafted, request: PlanningRequest, passes: Passes) -> Clarification | None:
    """The model's own question, or ours where it planned without being sure; None where there is nothing to ask."""
    if meant.question is not None:
        return Clarification(meant.question, _buttons(meant.offers, meant.intents))
    if meant.draft is None or meant.confidence >= BAR:
        return None
    offers = _candidates(meant, meant.draft, request, passes)
    if len(offers) > 1:
        return Clarification("Which one do you mean?", _buttons(offers, meant.intents))
    return Clarification("I am not sure that I understood. Is this what you mean?", _buttons(offers, meant.intents))


def clicked(choice: Mapping[str, Any] | None, request: PlanningRequest) -> tuple[tuple[Intent, ...], Draft] | None:
    """The work that a clicked button stands for. What rendered when it was offered may have its handle by now."""
    if choice is None or "draft" not in choice:
        return None
    kept = choice["draft"]
    steps = tuple(
        DraftStep(
            step["id"], step["tool"], step["params"],
            {port: tuple(_now(name, request) for name in names) for port, names in step["inputs"].items()}, step["deliver"],
        )
        for step in kept["steps"]
    )  # fmt: skip
    intents = tuple(
        Intent(IntentKind(i["kind"]), i["summary"], tuple(_now(n, request) for n in i["on"]), i["constraints"])
        for i in choice["intents"]
    )
    return intents, Draft(kept["summary"], steps, tuple((code, words) for code, words in kept["notes"]))


def _candidates(meant: Drafted, draft: Draft, request: PlanningRequest, passes: Passes) -> Sequence[Offer]:
    """The same work on each picture that may be meant; those on which it cannot be done are left out."""
    bound = next((intent.on[0] for intent in meant.intents if intent.on), None)
    if bound is None or not any(bound in names for step in draft.steps for names in step.inputs.values()):
        return [Offer(draft.summary, draft)]
    others = [name for name in meant.maybe if name != bound]
    able = [(name, moved) for name in others if passes(moved := _moved(draft, bound, name))]
    if not able:
        return [Offer(draft.summary, draft)]
    return [Offer(_label(name, request), d) for name, d in [(bound, draft), *able]]


def _moved(draft: Draft, before: str, after: str) -> Draft:
    return replace(
        draft,
        steps=tuple(
            replace(step, inputs={p: tuple(after if n == before else n for n in names) for p, names in step.inputs.items()})
            for step in draft.steps
        ),
    )


def _label(name: str, request: PlanningRequest) -> str:
    item = named(name, request)
    if item is None:
        return name
    made = f", made from {item.parents[0]}" if item.parents else ""
    return f"{name}: {item.words[: LABEL_CHARS - len(made)]}{made}" if item.words else f"{name}{made}"


def _buttons(offers: Sequence[Offer], intents: Sequence[Intent]) -> tuple[Choice, ...]:
    distinct = list({offer.label: offer for offer in offers if offer.label.strip()}.values())[:MAX_CHOICES]
    return tuple(Choice(f"c{number}", offer.label, _then(offer, intents)) for number, offer in enumerate(distinct, 1))


def _then(offer: Offer, intents: Sequence[Intent]) -> dict[str, Any]:
    """Without work of its own, the words of a button are the person's next message."""
    if offer.draft is None:
        return {"text": offer.label}
    worked_on = [name for step in offer.draft.steps for names in step.inputs.values() for name in names]
    ids = {step.id for step in offer.draft.steps}
    on = [name for name in dict.fromkeys(worked_on) if name not in ids]
    alone = len(intents) == 1
    shapes = [{**i.shape(), "on": on if on and (alone or i.on) else list(i.on)} for i in intents]
    return {"text": offer.label, "draft": asdict(offer.draft), "intents": shapes}


def _now(name: str, request: PlanningRequest) -> str:
    if named(name, request) is not None or not name.startswith("run:"):
        return name
    return next((item.ref for item in request.shown if _was(item, name)), name)


def _was(item: Shown, ref: str) -> bool:
    return item.run_id is not None and ref == f"run:{item.run_id}:{item.step_id}"
