"""The tools as a model is shown them: which ones, and a line for each in few tokens. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from agent.embedded.languages import foreign
from agent.llm.table import named_in
from agent.model import PlanningRequest
from tools import rules
from tools.model import Capabilities, MediaKind, Parameter, Port, Tool
from tools.protocols import Found

MAX_TOOLS = 8
MAX_TOOLS_FOREIGN = 14
"""The encoder that searches knows English best: of words in another language more is shown."""
MIN_BEST = 3
"""As many of the best found are offered whatever else is needed."""
MAX_UNAVAILABLE = 3
MAX_FILES = 12
DESCRIPTION_CHARS = 240
PARAMETER_CHARS = 60

STEM = 4
"""`warmer` and `warmth` begin alike."""

_PARTS = re.compile(r"[,;.\n]|\b(?:and|then|but|plus)\b|->")
_WORD = re.compile(r"[a-z]{3,}")
_RANGE = re.compile(r",? from -?[\d.]+ to -?[\d.]+")
"""A range in words, which the line says in figures."""


def offered(request: PlanningRequest) -> dict[str, Tool]:
    """The tools that a plan may use, best first: those found that can run now, and among them what these words alone do
    not find. That is what made the pictures this is about, without which "the same but at night" could not be done; the
    best tool that makes a picture from words, and the best that changes one by words; and the one that each part of a
    message names, because a whole message is found by its loudest part.
    """
    limit = MAX_TOOLS_FOREIGN if foreign(request.text) else MAX_TOOLS
    able = [found.tool for found in request.found if found.availability.available]
    needed = list(dict.fromkeys(tool.name for tool in _needed(able, request)))[: limit - MIN_BEST]
    added = [tool for tool in able[limit - len(needed) :] if tool.name in needed]
    return {tool.name: tool for tool in (*able[: limit - len(added)], *added)}


def _needed(able: Sequence[Tool], request: PlanningRequest) -> Iterator[Tool]:
    about = named_in(request)
    makers = {item.tool for item in request.shown if item.ref in about or item.handle in about}
    if request.last_plan is not None:
        makers |= {step.tool for step in request.last_plan.steps}
    yield from (tool for tool in able if tool.name in makers)
    for takes in (False, True):
        by_words = (tool for tool in able if bool(tool.inputs) == takes and _picture_by_words(tool))
        yield from islice(by_words, 1)
    parts = _PARTS.split(request.text.lower())
    for part in parts if len(parts) > 1 else ():
        named = max(able, key=lambda tool: _named(tool, part), default=None)
        if named is not None and _named(named, part):
            yield named


def _picture_by_words(tool: Tool) -> bool:
    """Not a film or a song: whoever says no more than what to see means a picture, and not words written on one."""
    spec = tool.params.get("prompt")
    return spec is not None and spec.required and next(iter(tool.outputs.values())).kind is MediaKind.IMAGE


def _named(tool: Tool, part: str) -> int:
    """How many words of a part begin like a word that stands for the tool; its own name counts most."""
    own = {word[:STEM] for word in _WORD.findall(tool.name.replace("_", " "))} - {"imag"}
    tags = {word[:STEM] for tag in tool.tags for word in _WORD.findall(tag.lower())}
    words = [word[:STEM] for word in _WORD.findall(part)]
    return sum(3 * (word in own) + (word in tags) for word in words)


def unavailable(found: Iterable[Found]) -> list[list[str]]:
    """Title and reason of what would fit best if it could run."""
    missing = [f for f in found if not f.availability.available][:MAX_UNAVAILABLE]
    return [[f.tool.title, f.availability.reason or ""] for f in missing]


def lines(tools: Iterable[Tool], capabilities: Iterable[Capabilities]) -> list[str]:
    """A line a tool, by name and not by rank: the same tools found for other words are then the same bytes."""
    files = _files(capabilities)
    return [_line(tool, files) for tool in sorted(tools, key=lambda tool: tool.name)]


def _line(tool: Tool, files: Mapping[str, Sequence[str]]) -> str:
    ports = ", ".join(_port(name, port) for name, port in tool.inputs.items())
    gives = ", ".join(port.kind.value for port in tool.outputs.values())
    params = "; ".join(_parameter(name, spec, files.get(name, ())) for name, spec in tool.params.items())
    does = tool.description[:DESCRIPTION_CHARS]
    return f"{tool.name}({ports}) -> {gives}: {does}" + (f" | {params}" if params else "")


def _port(name: str, port: Port) -> str:
    kind = "" if port.kind.value in name else f" {port.kind.value}"
    low, high = port.count
    return f"{name}{kind}" if (low, high) == (1, 1) else f"{name}{kind} x{low}..{high}"


def _files(capabilities: Iterable[Capabilities]) -> dict[str, list[str]]:
    """What a model parameter may name: the files that some instance lists."""
    able = list(capabilities)
    return {
        name: sorted({file for c in able for file in c.models.get(folder, ())})[:MAX_FILES]
        for name, folder in rules.MODEL_FOLDERS.items()
    }


def _parameter(name: str, spec: Parameter, files: Sequence[str]) -> str:
    """`width 256..2048 step 16 =768 (Pixels)`. The rules say all that a model has to know of seeds."""
    if name == "seed":
        return name
    choices = files if spec.type == "model" else spec.choices
    limits = "" if spec.minimum is None or spec.maximum is None else f"{_number(spec.minimum)}..{_number(spec.maximum)}"
    sort = "|".join(choices) or limits or {"boolean": "true|false", "string": "text"}.get(spec.type, spec.type)
    step = "" if spec.step is None else f" step {_number(spec.step)}"
    need = " !" if spec.required else "" if spec.default in (None, "") else f" ={_value(spec.default)}"
    means = _RANGE.sub("", spec.description).strip(" .")[:PARAMETER_CHARS]
    return f"{name} {sort}{step}{need}" + (f" ({means})" if means else "")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"
