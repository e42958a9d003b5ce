"""A step that makes an earlier picture again: the model names what changes, everything else is carried over. Pure.

Seeds are the house's own affair: the person's where they named one, that of the picture where it is made again in another
way, else this turn's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.llm.parse import Head, StepPart
from agent.model import IntentKind, PlanningRequest, Shown
from tools.model import Tool

NEW_SEED = frozenset({"new", "random"})


def remade(part: StepPart, tool: Tool, head: Head, request: PlanningRequest) -> Shown | None:
    """The picture whose making this step repeats: the one it names, or the one it iterates on with a tool that makes
    pictures from nothing but words, as that one was made."""
    if part.again is not None:
        return named(part.again, request)
    iterated = [name for intent in head.intents if intent.kind is IntentKind.ITERATE for name in intent.on]
    if tool.inputs:
        return None
    from_words = (i for i in request.shown if i.tool == tool.name or (i.tool and not i.parents and "prompt" in i.params))
    return next((i for i in from_words if {i.ref, i.handle} & set(iterated)), None)


def reason_against(part: StepPart, tool: Tool, request: PlanningRequest) -> str | None:
    """Why this step cannot be the making of that picture again; None when it can."""
    if part.again is None:
        return None
    before = named(part.again, request)
    if before is None:
        return f"There is no {part.again} in this conversation."
    if before.tool == tool.name or (before.tool and not tool.inputs and not before.parents):
        return None
    made_by = f"{before.tool} made it" if before.tool else "the person brought it"
    return f"{tool.name} cannot make {part.again} again: {made_by}."


def carried(params: Mapping[str, Any], before: Shown | None, tool: Tool) -> dict[str, Any]:
    """The parameters of the earlier making that this tool has too, with those that change."""
    if before is None:
        return dict(params)
    same_tool = before.tool == tool.name
    kept = {
        name: value
        for name, value in before.params.items()
        if name in tool.params and name != "seed" and (same_tool or tool.params[name].type != "model")
    }
    return {**kept, **params}


def carried_inputs(given: Mapping[str, tuple[str, ...]], before: Shown | None, tool: Tool) -> dict[str, tuple[str, ...]]:
    """The inputs of the earlier making where the step names none."""
    if given or before is None or not tool.inputs:
        return dict(given)
    return {port: (parent,) for port, parent in zip(tool.inputs, before.parents, strict=False)}


def seed(params: Mapping[str, Any], before: Shown | None, tool: Tool, number: int, request: PlanningRequest) -> int:
    """The seed of step `number` (0, 1, ...), whose parameters are complete but for it."""
    wish: Any = params.get("seed")
    if isinstance(wish, str) and (other := named(wish.strip(), request)) is not None and "seed" in other.params:
        return int(other.params["seed"])
    if isinstance(wish, int | float) and _is_named(wish, request.text):
        return int(wish)
    own = None if before is None or _is_new(wish) else before.params.get("seed")
    if wish != own and any(wish == item.params.get("seed", own) for item in request.shown):
        return int(wish)
    if own is not None and before is not None and _differs(params, before, tool):
        return int(own)
    highest = tool.params["seed"].maximum
    return (request.seed + number) % (int(highest) + 1 if highest is not None else 2**53)


def once_more(params: Mapping[str, Any], before: Shown | None, tool: Tool) -> bool:
    """Whether it is the same again: another try, which is not to be answered with the picture that is there."""
    return before is not None and not _differs(params, before, tool)


def named(name: str, request: PlanningRequest) -> Shown | None:
    """The picture with this handle or ref."""
    return next((item for item in request.shown if name in (item.handle, item.ref)), None)


def _is_new(wish: Any) -> bool:
    return isinstance(wish, str) and wish.strip().lower() in NEW_SEED


def _is_named(wish: float, text: str) -> bool:
    """A number that stands in the message: a model that makes one up is not followed."""
    return str(int(wish)) in re.findall(r"\d+", text)


def _differs(params: Mapping[str, Any], before: Shown, tool: Tool) -> bool:
    """Whether more than the number of pictures changes: the same words with the same seed give the same picture."""
    return before.tool != tool.name or any(
        params.get(name, spec.default) != before.params.get(name, spec.default)
        for name, spec in tool.params.items()
        if name not in ("seed", "count") and spec.type != "model"
    )
