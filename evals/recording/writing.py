"""From what a planner was given and what it said to the YAML of a case. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.model import PlanningRequest, Shown
from evals import yamls
from evals.matching import reference
from tools.model import Plan, Step

TO_CHANCE = {"seed", "checkpoint"}
"""Parameters that another run has otherwise: a case does not expect them."""


def as_yaml(turn_id: str, request: PlanningRequest, message: Mapping[str, Any], planned: Mapping[str, Any]) -> str:
    """A suite of one case. What came is taken for right: whoever adds it to a suite says what should have come."""
    return yamls.dump([_case(turn_id, request, message, planned)])


def _case(
    turn_id: str, request: PlanningRequest, message: Mapping[str, Any], planned: Mapping[str, Any]
) -> dict[str, Any]:
    replied = next((s.handle for s in request.shown if s.asset_id and s.asset_id == message.get("reply_to")), None)
    newest = request.shown[-1].ref if request.shown else None
    fields: dict[str, Any] = {
        "name": f"turn-{turn_id[-12:]}",
        "tags": ["recorded"],
        "shown": [_shown(item, request.shown) for item in request.shown],
        "attached": [ref for ref in request.attached if ref != replied],
        "reply_to": replied,
        "focus": request.focus if request.focus != newest else None,
        "running": list(request.running),
        "waiting": request.waiting,
        "history": [{"text": e.text, "reply": e.reply, "handles": list(e.handles)} for e in request.history],
    }
    told = {name: value for name, value in fields.items() if value}
    return {**told, "text": request.text, "expect": _expected(planned)}


def _shown(item: Shown, everything: Sequence[Shown]) -> dict[str, Any]:
    together = [other for other in everything if other.set == item.set and item.set is not None]
    fields: dict[str, Any] = {
        "handle": item.handle,
        "ref": None if item.handle else item.ref,
        "kind": item.kind if item.kind != "image" else None,
        "origin": "upload" if item.origin == "upload" else None,
        "tool": item.tool,
        "params": dict(item.params),
        "size": [item.size.width, item.size.height] if item.size else None,
        "parents": list(item.parents),
        "words": item.words if item.origin == "upload" else None,
        "set": f"with-{together[0].handle or together[0].step_id}" if len(together) > 1 else None,
    }
    return yamls.OneLine({name: value for name, value in fields.items() if value})


def _expected(planned: Mapping[str, Any]) -> dict[str, Any]:
    intents = planned.get("intents", [])
    expected: dict[str, Any] = {
        "kinds": [intent["kind"] for intent in intents],
        "on": list(dict.fromkeys(handle for intent in intents for handle in intent["on"])),
    }
    if planned.get("question"):
        return {**expected, "asks": True}
    if planned.get("plan") is None:
        return {**expected, "plans": False}
    steps = Plan.model_validate(planned["plan"]).steps
    places = {step.id: f"s{place}" for place, step in enumerate(steps, start=1)}
    return {**expected, "steps": [_step(step, places) for step in steps]}


def _step(step: Step, places: Mapping[str, str]) -> dict[str, Any]:
    params = {name: value for name, value in step.params.items() if name not in TO_CHANCE}
    inputs = {port: [_place(reference(ref), places) for ref in refs] for port, refs in step.inputs.items()}
    fields = {"tool": step.tool, "params": params, "inputs": inputs}
    return yamls.OneLine({name: value for name, value in fields.items() if value})


def _place(name: str, places: Mapping[str, str]) -> str:
    return places.get(name, name)
