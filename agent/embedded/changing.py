"""Change a picture that is there: drawn anew with other words, painted over, or made again from what it was made of. Pure.

Whatever is not named stays as it was: seed, size, steps, model, and every word that the change does not touch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.embedded import continuing, settings, words
from agent.embedded.binding import find
from agent.embedded.creating import MOST_PICTURES, batches, canvas, defaults, sides, within
from agent.embedded.drafting import MOST_WORDS, Drafting, available, described, substituted, tool_named
from agent.embedded.naming import named_generator, paints
from agent.embedded.prompts import Edited, edited, style_of
from agent.embedded.reading import Reading
from agent.embedded.strangers import KNOWN
from agent.model import PlanningRequest, Shown
from tools.model import Tool

EDIT_STRENGTH = 0.6
KEEP_STRENGTH = 0.45
"""When the pose or the composition shall stay."""
VARY_STRENGTH = 0.7
MOST_AT_ONCE = 4
_KEEP = re.compile(
    r"\b(?:keep|same|preserve|don't change|do not change) (?:the |his |her |its |their )?(?:pose|posture|composition|layout|framing)\b(?:,? (?:but|and)\b)?",
    re.I,
)
_COUNTED = re.compile(
    r"\b(?:(?:make|give me|show me|do|create|draw|try|i want|i need) )?(?:me )?(?:\w+|\d+) (?:different |more |new |other )*(?:variations?|variants?|versions?|takes?|alternatives?|pictures?|images?)(?: of (?:it|this|that|the \w+))?,? ?(?:but )?",
    re.I,
)


def edit(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str) -> bool:
    """Change what the picture shows: by instruction where a model can, else anew from its words, else painted over."""
    if (named := tool_named(request, reading.tool)) is not None:
        drafting.add(named.name, {}, source)
        return True
    if _without_step(drafting, reading.clause, request, source):
        return True
    told = settings.said(reading.clause)
    item = described(source, drafting, request)
    instruction = _instruction(told.rest, reading, request)
    keep = _KEEP.search(instruction) is not None or "pose" in reading.binding.roles
    instruction = _KEEP.sub("", instruction).strip(" ,") or instruction
    again = item is not None and find(request, source) is item and _redrawable(item, request)
    if available(request, "edit_image"):
        _by_instruction(drafting, instruction, told, request, source)
        return True
    if item is not None and again:
        _anew(drafting, item, instruction, told, request)
        return True
    return _over(drafting, item, instruction, told, request, source, KEEP_STRENGTH if keep else EDIT_STRENGTH)


_STEPS = {
    "crop_image": r"crop(?:ping)?|cut", "blur_image": r"blur(?:ring)?|softening", "sharpen_image": r"sharpening", "rotate_image": r"rotation|turn",
    "flip_image": r"flip|mirror(?:ing)?", "invert_image": r"inversion|negative effect", "upscale_image": r"upscal(?:e|ing)|enlargement",
    "adjust_color": r"colou?r (?:change|adjustment|correction)|sepia|black-and-white|gr[ae]yscale|filter|brightening|darkening",
}  # fmt: skip


def _without_step(drafting: Drafting, clause: str, request: PlanningRequest, source: str) -> bool:
    """`The same without the crop`: what was done after that step is done again, on what was there before it."""
    wanted = next((tool for tool, said in _STEPS.items() if re.search(rf"\bwithout (?:the |that |any )?(?:{said})\b", clause, re.I)), None)
    item = find(request, source)
    later: list[Shown] = []
    while wanted is not None and item is not None and item.tool != wanted:
        if item.tool not in KNOWN or len(item.parents) != 1:
            return False
        later.insert(0, item)
        item = find(request, item.parents[0])
    if wanted is None or item is None or not item.parents or not later:
        return False
    step = item.parents[0]
    for done in later:
        tool, params = substituted(done.tool or "", dict(done.params), request, drafting)
        step = drafting.add(tool, params, step, version_of=source if done is later[-1] else None)
    return True


def retake(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str) -> bool:
    """The same picture with other settings: seed, steps, size, model. What was done to it since is done again."""
    told = settings.said(reading.clause)
    item = find(request, source)
    line = _line(item, request) if item is not None else None
    wanted = named_generator(reading.clause, request)
    if line is None or (wanted is not None and not wanted.availability.available):
        return False
    first, later = line
    tool = wanted.tool if wanted is not None and not first.parents else _tool_for(first, request)
    params = settings.applied(told, {**first.params, **_lent_seed(reading, request)}, defaults(tool))
    if "width" in tool.params:
        exact = canvas(reading.clause, tool) if any(words.pixels(reading.clause)) else {}
        params |= exact or _reshaped(reading.clause, params, tool)
    if wanted is None:
        _tell_lost(drafting, params, first, tool)
    step = drafting.feed(tool.name, within(params, tool), _entered(first, tool), version_of=_version(item, source))
    for version in later:
        step = drafting.add(version.tool or "", dict(version.params), step)
    return True


def _reshaped(clause: str, params: Mapping[str, Any], tool: Tool) -> dict[str, int]:
    """As many pixels as before, in the shape that is said."""
    shape = words.ratio(clause)
    if not shape or not words.drawable(shape):
        return {}
    width, height = (int(params.get(name) or tool.params[name].default or 768) for name in ("width", "height"))
    across, down = sides(shape, round((width * height) ** 0.5))
    return {"width": across, "height": down}


def vary(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str | None) -> bool:
    """The same again with other seeds: from the words that made it, else repainted from the picture."""
    item = find(request, source) if source else None
    line, begun = _line(item, request) if item is not None else None, len(drafting.steps)
    asked, most = words.count(reading.clause) or 1, _most_tries(line, request)
    many = min(most, asked)
    if asked > most:
        drafting.note("fewer", f'{asked} at once is too many: here are {most}. Say "again" for more.')
    if line is not None and source is not None:
        _vary_line(drafting, line, many, request, _version(item, source))
        drafting.steps[begun:] = [replace(step, fresh=True) for step in drafting.steps[begun:]]
        return True
    if source is None or not available(request, "image_to_image"):
        return False
    prompt = (
        item.words if item and item.words and item.origin == "output" else "a variation of the same picture"
    )
    for number in range(many):
        seed = request.seed + len(drafting.steps) + number
        drafting.add("image_to_image", {"prompt": prompt, "strength": VARY_STRENGTH, "seed": seed}, source)
    return True


def _most_tries(line: tuple[Shown, list[Shown]] | None, request: PlanningRequest) -> int:
    """As many as one message makes where each costs no more than a place in a batch, else a few."""
    batched = line is not None and not line[1] and "count" in _tool_for(line[0], request).params
    return MOST_PICTURES if batched else MOST_AT_ONCE


def other_seeds(many: int) -> str:
    """`another seed`, `4 other seeds`."""
    return "another seed" if many == 1 else f"{many} other seeds"


def go_on(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str) -> bool:
    """The last step of a picture again, with more or less of what it did."""
    item = find(request, source)
    second = find(request, item.parents[1]) if item is not None and len(item.parents) > 1 else None
    again = continuing.continued(item, reading.clause, second) if item is not None else None
    if item is None or again is None:
        return False
    tool, params = substituted(again.tool, again.params, request, drafting)
    drafting.add(tool, params, *item.parents[:1], second=second.ref if second else None, version_of=item.handle)
    return True


# --- anew


def _anew(
    drafting: Drafting, item: Shown, instruction: str, told: settings.Settings, request: PlanningRequest
) -> None:
    """The tool that made it, with its seed and everything else, and the words as they are wished now."""
    tool = _tool_for(item, request)
    change = edited(item.words, _COUNTED.sub("", _without_format(instruction)) or instruction)
    alone = {"count": 1} if "count" in item.params else {}  # of a batch, one was chosen
    params = settings.applied(told, {**item.params, **alone}, defaults(tool)) | {
        "prompt": change.prompt[:MOST_WORDS]
    }
    params |= canvas(instruction, tool) if "width" in tool.params and not tool.inputs else {}
    if many := words.count(instruction):
        params |= {"count": min(many, MOST_AT_ONCE), "seed": request.seed}
    elif change.prompt == item.words and not change.negative and not told:
        params["seed"] = request.seed + len(drafting.steps)  # the same words would give the same picture
    if change.negative:
        params["negative"] = settings.both(str(item.params.get("negative") or ""), change.negative)
    _tell_lost(drafting, params, item, tool)
    drafting.note("drawn_anew", _ANEW)
    drafting.feed(tool.name, within(params, tool), _entered(item, tool), version_of=item.handle)


_ANEW = "No model for edits by instruction is connected, so it is painted anew from its words, with its seed and settings."


def _without_format(instruction: str) -> str:
    return re.sub(r"\s*,?\s*\band$", "", words.without_format(instruction)).strip(" ,")


def _redrawable(item: Shown, request: PlanningRequest) -> bool:
    """Made from words and a seed that are known, by something that can do it again."""
    made_from_words = item.origin == "output" and bool(item.params.get("prompt")) and "seed" in item.params
    tool = tool_named(request, item.tool)
    if item.tool == "edit_image" or not made_from_words or not _first_of_batch(item, request):
        return False
    if tool is None:
        return not item.parents and _any_generator(request) is not None
    return tool.generative and len(item.parents) == len(tool.inputs)


def _first_of_batch(item: Shown, request: PlanningRequest) -> bool:
    """One seed makes all pictures of a batch: by itself it makes the first again, and none of the others."""
    if int(item.params.get("count") or 1) < 2:
        return True
    batch = [other for other in request.shown if other.set == item.set and other.params == item.params]
    return not batch or batch[0].ref == item.ref


def _tool_for(item: Shown, request: PlanningRequest) -> Tool:
    """What made it, or what can stand in."""
    tool = tool_named(request, item.tool) or _any_generator(request)
    assert tool is not None, "asked for redrawable pictures only"
    return tool


def _any_generator(request: PlanningRequest) -> Tool | None:
    return next((f.tool for f in request.found if f.availability.available and paints(f.tool)), None)


def _entered(item: Shown, tool: Tool) -> dict[str, tuple[str, ...]]:
    """What it was made of, by port: nothing, or what each port that takes one was fed."""
    return {port: (parent,) for port, parent in zip(tool.inputs, item.parents, strict=False)}


def _tell_lost(drafting: Drafting, params: Mapping[str, Any], item: Shown, tool: Tool) -> None:
    """Another tool stands in, or the tool has no such setting: said aloud."""
    if tool.name != item.tool:
        drafting.note("stand_in", f"{item.tool} is not connected, so {tool.title} paints it.")
    if params.get("negative") and "negative" not in tool.params:
        drafting.note(
            "no_negative", f"{tool.title} cannot be told what to leave out; I took it out of the words."
        )


def _line(item: Shown, request: PlanningRequest) -> tuple[Shown, list[Shown]] | None:
    """The picture drawn from words that this one goes back to, and the plain steps since, oldest first."""
    later: list[Shown] = []
    while not _redrawable(item, request):
        above = find(request, item.parents[0]) if len(item.parents) == 1 else None
        tool = tool_named(request, item.tool)
        if above is None or tool is None or tool.generative or len(later) > MOST_AT_ONCE:
            return None
        later.insert(0, item)
        item = above
    return item, later


def _vary_line(
    drafting: Drafting,
    line: tuple[Shown, list[Shown]],
    many: int,
    request: PlanningRequest,
    version: str | None,
) -> None:
    first, later = line
    tool = _tool_for(first, request)
    seed = request.seed + len(drafting.steps)
    for params in _tries(first, tool, seed, many):
        step = drafting.feed(tool.name, params, _entered(first, tool), version_of=version)
        for done in later:
            step = drafting.add(done.tool or "", dict(done.params), step)


def _tries(first: Shown, tool: Tool, seed: int, many: int) -> list[dict[str, Any]]:
    """The parameters of each step that it takes to try so many seeds."""
    if "count" not in tool.params:
        return [within({**first.params, "seed": seed + number}, tool) for number in range(many)]
    return batches(within({**first.params, "seed": seed, "count": many}, tool), many, tool)


def _version(item: Shown | None, source: str) -> str | None:
    return item.handle if item is not None and item.ref == source else None


def _lent_seed(reading: Reading, request: PlanningRequest) -> dict[str, Any]:
    """`Use the seed of A2`."""
    lender = find(request, reading.binding.roles.get("seed", ""))
    return {"seed": lender.params["seed"]} if lender is not None and "seed" in lender.params else {}


# --- by instruction, or over what is there


def _by_instruction(
    drafting: Drafting, instruction: str, told: settings.Settings, request: PlanningRequest, source: str
) -> None:
    tool = tool_named(request, "edit_image")
    assert tool is not None
    seed = request.seed + len(drafting.steps)
    params = settings.applied(told, {"prompt": instruction[:MOST_WORDS], "seed": seed}, defaults(tool))
    drafting.add("edit_image", within(params, tool), source)


def _over(
    drafting: Drafting, item: Shown | None, instruction: str, told: settings.Settings, request: PlanningRequest, source: str,
    strength: float,
) -> bool:  # fmt: skip
    """Repaint toward the words."""
    tool = tool_named(request, "image_to_image")
    if tool is None:
        return False
    made = item is not None and item.origin == "output"
    change: Edited = edited(item.words if item and made else "", instruction)
    seed = item.params.get("seed") if item and made else None
    params: dict[str, Any] = {
        "prompt": (change.prompt or "the same picture")[:MOST_WORDS],
        "strength": strength,
        "seed": request.seed + len(drafting.steps) if seed is None else seed,
    }
    if change.negative:
        params["negative"] = change.negative
    many = min(MOST_AT_ONCE, words.count(instruction) or 1)
    for number in range(many):
        given = settings.applied(told, {**params, "seed": params["seed"] + number}, defaults(tool))
        drafting.add("image_to_image", within(given, tool), source)
    drafting.note(
        "repainted",
        "No model for edits by instruction is connected, so the picture is repainted toward your words.",
    )
    return True


def _instruction(rest: str, reading: Reading, request: PlanningRequest) -> str:
    """The clause, with the style of another picture written out where it is named: `in the style of the second one`."""
    lender = find(request, reading.binding.roles.get("style", ""))
    style = style_of(lender.words) if lender is not None and lender.origin == "output" else ""
    return f"in the style: {style}" if style else rest
