"""What the words of a step's prompt load into its model. Pure; one function for every planner, called by composing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.model import PlanningRequest
from tools import rules
from tools.errors import ToolUnavailable
from tools.loras.insertion import takes
from tools.loras.model import PARAM, LoraUse, uses
from tools.loras.resolving import Loras, Step, applied
from tools.model import Capabilities, ModelFile, Tool, Warning
from tools.protocols import Found
from tools.registry.families import family_of, fits
from tools.registry.terms import non_commercial, unknown

_NO_LORAS = Loras()


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
    there = (found.tool for found in request.found if found.availability.available)
    others = tuple((other.title, other.base or "") for other in there if other.name != tool.name)
    recent = [exchange.text for exchange in request.history]

    def has(file: str) -> bool:
        return _loads(tool, file, params, request.capabilities)

    step = Step(tool.title, base, takes(tool), others)
    found = applied(prompt, request.loras, step, recent, has)
    if missing := [f"{lora.file} into models/loras" for lora in found.loras if not has(lora.file)]:
        raise ToolUnavailable(f"No server has what the tags ask for: put {', '.join(missing)}.", tool=tool.name)
    changed = {**params, "prompt": found.text}
    if found.loras:
        changed[PARAM] = [lora.model_dump() for lora in found.loras]
    return changed, found.warnings


def terms(
    tool: Tool, params: Mapping[str, Any], instance: Capabilities | None, loras: Loras = _NO_LORAS
) -> tuple[Warning, ...]:
    """That the outcome may not be sold, where a model's licence says so, and where selling alone is wanted that nobody
    knows of some model; a sketch uses none."""
    if instance is None or instance.sketch:
        return ()
    chosen = rules.choose_implementation(tool, instance, params)
    licences = {lora.file: lora.licence for lora in loras.all}
    used = (ModelFile(file=use.file, folder="loras", licence=licences.get(use.file)) for use in uses(params))
    files = [*(chosen.models if chosen else ()), *used]
    said = []
    if named := non_commercial(files):
        said.append(Warning(code="non_commercial", message=f"For use that is not commercial only: {', '.join(named)}."))
    if loras.sellable_only and (named := unknown(files)):
        said.append(Warning(code="terms_unknown", message=f"Nobody here knows whether it may be sold: {', '.join(named)}."))
    return tuple(said)


def preferred(
    found: Sequence[Found], text: str, loras: Loras, capabilities: Sequence[Capabilities]
) -> tuple[Found, ...]:
    """The tools that were found, those first that can load what the words call, each among its own kind.

    Only tools that make the same from words alone change places: a style asked for decides which of them, never what is made.
    """
    called = loras.meant(text)
    if not called:
        return tuple(found)

    def unfit(each: Found) -> bool:
        able = (lora for lora in called if fits(lora.base, each.tool.base) and takes(each.tool))
        return not any(_loads(each.tool, lora.file, {}, capabilities) for lora in able)

    ordered = list(found)
    kinds = [tuple(port.kind for port in each.tool.outputs.values()) if _from_words(each.tool) else None for each in found]
    for kind in set(kinds) - {None}:
        places = [place for place, other in enumerate(kinds) if other == kind]
        for place, each in zip(places, sorted((found[place] for place in places), key=unfit), strict=True):
            ordered[place] = each
    return tuple(ordered)


def _from_words(tool: Tool) -> bool:
    return tool.generative and not tool.inputs


def _loads(tool: Tool, file: str, params: Mapping[str, Any], capabilities: Sequence[Capabilities]) -> bool:
    """Whether some server can do the tool's work with this LoRA."""
    loaded = {**params, PARAM: [LoraUse(name="any", file=file, weight=1.0).model_dump()]}
    return any(rules.choose_implementation(tool, c, loaded) is not None for c in capabilities)
