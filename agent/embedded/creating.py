"""A new picture from words: which tool, which size, what belongs into the prompt and what does not. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.embedded import settings, words
from agent.embedded.drafting import Drafting
from agent.embedded.naming import named_generator, paints, without_name
from agent.embedded.prompts import unwanted_in, wished_for
from agent.embedded.reading import Reading, subject
from agent.model import PlanningRequest
from tools.model import SourceKind, Tool


def create(drafting: Drafting, reading: Reading, request: PlanningRequest) -> bool:
    """A new picture. False when nothing connected can generate."""
    tool = generator(request, reading.clause)
    if tool is None:
        return False
    clause = without_name(reading.clause, tool)
    params = create_params(clause, tool, request.seed + len(drafting.steps))
    for note in shortfalls(reading.clause, tool, params):
        drafting.note(*note)
    for batch in batches(params, words.count(reading.clause) or 1, tool):
        drafting.add(tool.name, batch)
    return True


MOST_PICTURES = 16
"""Of one message."""
MOST_BATCHES = 8
"""Steps for them: as many as one job takes."""


def batches(params: dict[str, Any], many: int, tool: Tool) -> list[dict[str, Any]]:
    """The parameters of each step that it takes to make so many pictures, each with a seed of its own."""
    size, seed = _most(tool), params.get("seed")
    left = min(many, _bound(tool))
    if left <= size or not isinstance(seed, int):
        return [params]
    steps = []
    for begun in range(0, left, size):
        count = {"count": min(size, left - begun)} if "count" in tool.params else {}
        steps.append({**params, **count, "seed": (seed + begun) % 2**53})
    return steps


def _bound(tool: Tool) -> int:
    return min(MOST_PICTURES, MOST_BATCHES * _most(tool))


def generator(request: PlanningRequest, clause: str) -> Tool | None:
    """The best available tool that makes a picture from words; a model said by name goes first."""
    able = painters(request)
    wanted = named_generator(clause, request)
    named = [wanted.tool] if wanted is not None and wanted.availability.available else []
    special = [tool for tool in able if "checkpoint" not in tool.params]
    return next(iter([*named, *special, *able]), None)


def painters(request: PlanningRequest) -> list[Tool]:
    """What can paint a picture from words now: curated tools as the search ranks them, then the most used templates."""
    able = [f.tool for f in request.found if f.availability.available and paints(f.tool)]
    return sorted(able, key=lambda tool: (tool.source.kind is SourceKind.TEMPLATE, -tool.popularity if tool.source.name else 0))


def create_params(clause: str, tool: Tool, seed: int) -> dict[str, Any]:
    """Prompt, size, count, seed and what must not be in the picture, from the words; within what the tool allows."""
    told = settings.said(clause)
    prompt = words.counted_apart(subject(told.rest))
    params: dict[str, Any] = {"prompt": prompt, "seed": seed}
    params |= canvas(told.rest, tool)
    if many := words.count(told.rest):
        params["count"] = min(many, _most(tool))
    if unwanted := unwanted_in(told.rest):
        params["negative"] = ", ".join(unwanted)
        params["prompt"] = wished_for(prompt) or prompt
    return {**also_told(tool, params["prompt"]), **within(settings.applied(told, params, defaults(tool)), tool)}


def also_told(tool: Tool, prompt: str) -> dict[str, str]:
    """What else a tool must be told in words, such as a second encoder's prompt: the same."""
    needed = (name for name, spec in tool.params.items() if spec.required and spec.type == "string")
    return {name: prompt for name in needed if name.startswith("prompt")}


def within(params: Mapping[str, Any], tool: Tool) -> dict[str, Any]:
    """What of these parameters the tool has, each inside its range."""
    found = {}
    for name, value in params.items():
        spec = tool.params.get(name)
        if spec is None:
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = max(value, spec.minimum) if spec.minimum is not None else value
            value = min(value, spec.maximum) if spec.maximum is not None else value
            value = int(value) if spec.type == "integer" else value
        found[name] = value
    return found


def defaults(tool: Tool) -> dict[str, Any]:
    """Parameter -> where it stands when nothing is said."""
    return {name: spec.default for name, spec in tool.params.items()}


def _most(tool: Tool) -> int:
    return int(tool.params["count"].maximum or 1) if "count" in tool.params else 1


def shortfalls(clause: str, tool: Tool, params: dict[str, Any]) -> list[tuple[str, str]]:
    """Where the words asked for more than the tool gives: said aloud, never dropped silently."""
    found = []
    if (many := words.count(clause)) and many > (most := _bound(tool) if "seed" in tool.params else _most(tool)):
        found.append(("fewer", f'{many} at once is too many: here are {most}. Say "again" for more.'))
    width, height = words.pixels(clause)
    if not {"width", "height"} <= set(tool.params):
        return found
    given = (
        params.get("width", tool.params["width"].default),
        params.get("height", tool.params["height"].default),
    )
    if width and height and (width, height) != given:
        found.append(
            ("other_size", f"{width} x {height} is beyond what it paints; this is {given[0]} x {given[1]}.")
        )
    return found


SIDE = 768
"""Of a tool that takes its size from what it is given, when a format is asked for."""


def canvas(clause: str, tool: Tool) -> dict[str, int]:
    """The wanted pixels; where they are more or fewer than the tool paints, its own number in the same shape."""
    if not {"width", "height"} <= set(tool.params):
        return {}
    spec = tool.params["width"]
    base = int(spec.default or SIDE)
    low, high = int(spec.minimum or 16), int(spec.maximum or base)
    width, height = words.pixels(clause)
    if width and height and low <= min(width, height) and max(width, height) <= high:
        return {"width": width, "height": height}
    shape = f"{width}:{height}" if width and height else _spoken_ratio(clause)
    if not shape or not words.drawable(shape):
        return {}
    return {
        name: min(high, max(low, side))
        for name, side in zip(("width", "height"), sides(shape, base), strict=True)
    }


def sides(ratio: str, base: int) -> tuple[int, int]:
    """Width and height of about base*base pixels in that ratio, multiples of 16."""
    across, down = (float(part) for part in ratio.split(":"))
    scale = (base * base / (across * down)) ** 0.5
    return round(across * scale / 16) * 16, round(down * scale / 16) * 16


def _spoken_ratio(clause: str) -> str | None:
    """A ratio that is said as a format, not as a subject: `in 16:9`, `widescreen`, `portrait format`, not `portrait of`."""
    if re.search(
        r"\b(?:portrait|landscape|square|story|banner) (?:of|with|painting|photo of)\b|\bwide angle\b",
        clause,
        re.I,
    ):
        clause = re.sub(r"\b(?:portrait|landscape|square|story|banner|wide)\b", "", clause, flags=re.I)
    return words.ratio(clause) if _SPOKEN_FORMAT.search(clause) else None


_SPOKEN_FORMAT = re.compile(
    r"(?<![\d:])(?<!at )\d{1,2}:\d{1,2}(?![\d:])|\bwidescreen\b"
    r"|\b(?:portrait|landscape|square|vertical|phone|cinematic|banner) (?:format|mode|orientation|picture|"
    r"image|wallpaper|aspect)\b"
    r"|\bin (?:portrait|landscape|square)$|, ?(?:square|portrait|landscape|vertical)$|"
    r"^(?:a )?square (?:picture|image|portrait)\b",
    re.I,
)
