"""From readings to draft steps: which tool, which parameters, chained to what. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from agent.embedded import words
from agent.embedded.binding import find
from agent.embedded.operations import TRIMMED, Operation
from agent.embedded.reading import Reading, subject
from agent.model import DraftStep, PlanningRequest, Shown
from tools.model import Tool

#: The grammar has words of its own for these.
KNOWN_TOOLS = frozenset(
    {
        "adjust_color", "blur_image", "crop_image", "flip_image", "invert_image", "resize_image", "rotate_image",
        "sharpen_image", "upscale_image",
    }
)  # fmt: skip
EDIT_STRENGTH = 0.6
MOST_WORDS = 8000  # characters of a prompt, as many as a message has
VARY_STRENGTH = 0.7


@dataclass
class Drafting:
    """Steps so far. `last` is what "it" means to the next clause of the same message."""

    steps: list[DraftStep] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    last: str | None = None

    def add(self, tool: str, params: dict[str, Any], source: str | None = None) -> None:
        inputs: dict[str, tuple[str, ...]] = {} if source is None else {"image": (source,)}
        step = DraftStep(f"s{len(self.steps) + 1}", tool, params, inputs)
        self.steps.append(step)
        self.last = step.id


def create(drafting: Drafting, reading: Reading, request: PlanningRequest) -> bool:
    """A new picture. False when nothing connected can generate."""
    tool = generator(request, reading.clause)
    if tool is None:
        return False
    params = create_params(reading.clause, tool, request.seed)
    drafting.notes += shortfalls(reading.clause, tool, params)
    drafting.add(tool.name, params)
    return True


def operate(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str) -> None:
    """Plain picture operations, one after the other; colour adjustments next to each other become one step."""
    for operation in reading.operations:
        if operation.note is not None:
            drafting.notes.append(operation.note)
        tool, params = _substituted(operation, request, drafting)
        params = _trimmed(params, source, request)
        last = drafting.steps[-1] if drafting.steps else None
        if last is not None and source == last.id and tool == last.tool == "adjust_color":
            drafting.steps[-1] = DraftStep(last.id, tool, last.params | params, last.inputs)
            continue
        drafting.add(tool, params, source)
        source = drafting.last or source


def _trimmed(params: dict[str, Any], source: str, request: PlanningRequest) -> dict[str, Any]:
    """The ratio that is left when a fifth of one side goes."""
    if params.get("ratio") != TRIMMED:
        return params
    item = find(request, source)
    width, height = (item.size.width, item.size.height) if item and item.size else (1, 1)
    across = params["position"] in ("left", "right")
    left = (width * 4, height * 5) if across else (width * 5, height * 4)
    return {**params, "ratio": f"{left[0]}:{left[1]}"}


def edit(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str) -> bool:
    """Change what the picture shows: by instruction where a model can, else by repainting it toward the words."""
    instruction = reading.clause
    if (named := _named_tool(instruction, request)) is not None:
        drafting.add(named.name, {}, source)
        return True
    if _available(request, "edit_image"):
        drafting.add("edit_image", {"prompt": instruction[:MOST_WORDS], "seed": request.seed}, source)
        return True
    if not _available(request, "image_to_image"):
        return False
    item = _described(source, drafting, request)
    words_before, seed = (
        (item.words, item.params.get("seed")) if item and item.origin == "output" else ("", None)
    )
    prompt = ", ".join(part for part in (words_before, _wanted(instruction)) if part) or "the same picture"
    params = {
        "prompt": prompt[:MOST_WORDS],
        "strength": EDIT_STRENGTH,
        "seed": request.seed if seed is None else seed,
    }
    drafting.add("image_to_image", params | _negative(instruction), source)
    drafting.notes.append(
        (
            "repainted",
            "No model for edits by instruction is connected, so the picture is repainted toward your words.",
        )
    )
    return True


def _named_tool(clause: str, request: PlanningRequest) -> Tool | None:
    """A tool beyond those that the grammar knows, when its title or one of its examples is said.

    So a tool that somebody adds is used as soon as it is in the catalogue, with its defaults.
    """
    said = words.bare(clause).lower()
    for found in request.found:
        tool = found.tool
        plain = not any(spec.required for spec in tool.params.values()) and list(tool.inputs) == ["image"]
        if found.availability.available and plain and not tool.generative and tool.name not in KNOWN_TOOLS:
            examples = (words.bare(example.text).lower() for example in tool.examples)
            if tool.title.lower() in said or said in examples:
                return tool
    return None


def vary(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str | None) -> bool:
    """The same again with other seeds: from the words that made it, else repainted from the picture."""
    item = find(request, source) if source else None
    many = min(4, words.count(reading.clause) or 1)
    tool = next((f.tool for f in request.found if item and f.tool.name == item.tool), None)
    if item is not None and tool is not None and tool.generative and not tool.inputs:
        drafting.add(tool.name, {**item.params, "seed": request.seed, "count": many})
        return True
    if source is None or not _available(request, "image_to_image"):
        return False
    prompt = (
        item.words if item and item.words and item.origin == "output" else "a variation of the same picture"
    )
    for number in range(many):
        params = {"prompt": prompt, "strength": VARY_STRENGTH, "seed": request.seed + number}
        drafting.add("image_to_image", params, source)
    return True


def generator(request: PlanningRequest, clause: str) -> Tool | None:
    """The best available tool that makes a picture from words; a model said by name goes first."""
    able = [
        f.tool for f in request.found if f.availability.available and f.tool.generative and not f.tool.inputs
    ]
    named = [tool for tool in able if _says(clause, tool)]
    special = [tool for tool in able if "checkpoint" not in tool.params]
    return next(iter([*named, *special, *able]), None)


def _says(clause: str, tool: Tool) -> bool:
    """`with Z-Image Turbo`; a title that is plain words (`Text to image`) is no name."""
    return "checkpoint" not in tool.params and re.search(_named(tool), clause, re.I) is not None


def _without_name(clause: str, tool: Tool) -> str:
    """`a cat with SDXL` shows a cat."""
    if not _says(clause, tool):
        return clause
    return (
        re.sub(rf",?\s*\b(?:with|using|in|by|via|on)\s+{_named(tool)}", "", clause, flags=re.I).strip()
        or clause
    )


def _named(tool: Tool) -> str:
    """A pattern of the tool's title, however its parts are joined."""
    return rf"\b{'[ -]?'.join(re.escape(part) for part in re.split('[ -]', tool.title))}\b"


def create_params(clause: str, tool: Tool, seed: int) -> dict[str, Any]:
    """Prompt, size, count, seed and what must not be in the picture, from the words; within what the tool allows."""
    said = words.seed(clause)
    params: dict[str, Any] = {
        "prompt": subject(_without_name(clause, tool)),
        "seed": seed if said is None else said,
    }
    params |= _canvas(clause, tool)
    if many := words.count(clause):
        params["count"] = min(many, _most(tool))
    if "negative" in tool.params:
        params |= _negative(clause)
    return params


def _most(tool: Tool) -> int:
    return int(tool.params["count"].maximum or 1)


def shortfalls(clause: str, tool: Tool, params: dict[str, Any]) -> list[tuple[str, str]]:
    """Where the words asked for more than the tool gives: said aloud, never dropped silently."""
    found = []
    if (many := words.count(clause)) and many > _most(tool):
        found.append(("fewer", f'{many} at once is too many: here are {_most(tool)}. Say "again" for more.'))
    width, height = words.pixels(clause)
    given = (
        params.get("width", tool.params["width"].default),
        params.get("height", tool.params["height"].default),
    )
    if width and height and (width, height) != given:
        found.append(
            ("other_size", f"{width} x {height} is beyond what it paints; this is {given[0]} x {given[1]}.")
        )
    return found


def _canvas(clause: str, tool: Tool) -> dict[str, int]:
    """The wanted pixels; where they are more or fewer than the tool paints, its own number in the same shape."""
    base, spec = int(tool.params["width"].default), tool.params["width"]
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


_UNWANTED = re.compile(
    r"\b(?:without|no|but not)\s+(?:any\s+|a\s+|an\s+|the\s+)?([\w-]+(?: [\w-]+){0,3}?)(?=\s*(?:[,.;]|$|"
    r"\band\b|\bin\b|\bwith\b|\bon\b))",
    re.I,
)


#: `remove the moon`: a sampler knows no commands, so what shall go is said where it is kept out.
_REMOVED = re.compile(
    r"^(?:please )?(?:remove|delete|erase|take (?:away|out|off)|get rid of|lose|drop)\s+(?:the |all |any |that |her |his )*"
    r"([\w-]+(?: [\w-]+){0,3}?)(?: (?:from|in|on|out of) .+)?$",
    re.I,
)


def _wanted(instruction: str) -> str:
    """What of an instruction belongs into a prompt: nothing of a removal, and no `without the trees`."""
    if _REMOVED.match(instruction):
        return ""
    return re.sub(r"^\W+|\W+$", "", _UNWANTED.sub("", instruction))


def _negative(clause: str) -> dict[str, str]:
    removed = _REMOVED.match(clause)
    found = [*([removed[1]] if removed else []), *_UNWANTED.findall(clause)]
    unwanted = [what.strip() for what in found if what.strip().lower() not in ("more", "longer", "problem")]
    return {"negative": ", ".join(unwanted)} if unwanted else {}


def _substituted(
    operation: Operation, request: PlanningRequest, drafting: Drafting
) -> tuple[str, dict[str, Any]]:
    """Without an upscale model the picture is resampled, and the person is told."""
    if operation.tool != "upscale_image" or _available(request, "upscale_image"):
        return operation.tool, operation.params
    drafting.notes.append(
        (
            "resampled",
            "No upscale model is connected: the picture is enlarged by resampling (Lanczos), which adds no detail.",
        )
    )
    return "resize_image", operation.params


def _available(request: PlanningRequest, tool: str) -> bool:
    return any(f.tool.name == tool and f.availability.available for f in request.found)


def _described(source: str, drafting: Drafting, request: PlanningRequest) -> Shown | None:
    """The words behind a source: of the picture, or of the step of this message that makes it."""
    step = next((s for s in drafting.steps if s.id == source), None)
    if step is None:
        return find(request, source)
    if "prompt" in step.params:
        return Shown(step.id, None, "image", "output", params=step.params, words=step.params["prompt"])
    return _described(step.inputs["image"][0], drafting, request) if step.inputs else None
