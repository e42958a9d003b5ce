"""What the words of a step's prompt load into its model. Pure; one function for every planner, called by composing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.model import PlanningRequest
from tools import rules
from tools.errors import ToolUnavailable
from tools.loras.insertion import takes
from tools.loras.model import PARAM, LoraUse, uses
from tools.loras.resolving import Step, applied
from tools.model import Capabilities, ModelFile, Tool, Warning
from tools.registry.families import family_of
from tools.registry.terms import non_commercial


def without_loras(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without what an earlier composing found: the tags in the prompt are the truth."""
    return {name: value for name, value in params.items() if name != PARAM}


def with_loras(
    tool: Tool, params: dict[str, Any], request: PlanningRequest
) -> tuple[dict[str, Any], tuple[Warning, ...]]:
    """The parameters with every LoRA as a tag in the prompt and in the list of what is loaded, and what to tell.

    Raises UnknownLora, BadLoraTag, ToolUnavailable.
    """
    prompt = params.get("prompt")
    if not isinstance(prompt, str) or "prompt" not in tool.params:
        return params, ()
    base = tool.base or family_of(str(params.get("checkpoint") or ""))
    others = tuple((found.tool.title, found.tool.base or "") for found in request.found if found.tool.name != tool.name)
    recent = [exchange.text for exchange in request.history]

    def has(file: str) -> bool:
        loaded = {**params, PARAM: [LoraUse(name="any", file=file, weight=1.0).model_dump()]}
        return any(rules.choose_implementation(tool, c, loaded) is not None for c in request.capabilities)

    step = Step(tool.title, base, takes(tool), others)
    found = applied(prompt, request.loras, step, recent, has)
    if missing := [f"{lora.file} into models/loras" for lora in found.loras if not has(lora.file)]:
        raise ToolUnavailable(f"No server has what the tags ask for: put {', '.join(missing)}.", tool=tool.name)
    changed = {**params, "prompt": found.text}
    if found.loras:
        changed[PARAM] = [lora.model_dump() for lora in found.loras]
    return changed, found.warnings


def terms(tool: Tool, params: Mapping[str, Any], instance: Capabilities | None) -> tuple[Warning, ...]:
    """That the outcome may not be sold, where a model's licence says so; a sketch uses none."""
    if instance is None or instance.sketch:
        return ()
    chosen = rules.choose_implementation(tool, instance, params)
    files = [*(chosen.models if chosen else ()), *(ModelFile(file=use.file, folder="loras") for use in uses(params))]
    named = non_commercial(files)
    if not named:
        return ()
    return (Warning(code="non_commercial", message=f"For use that is not commercial only: {', '.join(named)}."),)
