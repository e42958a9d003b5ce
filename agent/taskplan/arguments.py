"""Fill what the chosen tools take: from links first, else from the literals of the request. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.taskplan.model import ToolSpec

_FILES = {
    "image": "jpg jpeg png gif bmp tiff svg webp",
    "audio": "mp3 wav wma ogg aac flac aiff m4a",
    "video": "mp4 avi mov flv wmv mkv webm mpeg mpg",
}
_ENDING = {ending: kind for kind, endings in _FILES.items() for ending in endings.split()}
_URL = re.compile(r"(?:https?://|www\.)[^\s'\"<>,;)]+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|edu)(?:/[^\s'\"<>,;)]*)?")
_FILE = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.(?:" + "|".join([*_ENDING, "txt", "pdf", "docx?"]) + r")\b", re.I)
_ANY_FILE = re.compile(r"\b[\w-]*[A-Za-z_][\w-]*\.[A-Za-z][A-Za-z0-9]{1,4}\b")
_QUOTED = re.compile(r"(?<!\w)'((?:[^']|(?<=\w)'(?=\w))+)'(?!\w)|\"([^\"]+)\"|“([^”]+)”|‘([^’]+)’")
_NAMES_URL = re.compile(r"\b\w*_?URL\b")
#: Words by which somebody says how something shall be changed: what such a tool takes as its text.
_HOW = re.compile(
    r"\b(?:by|to|with|at|of)\s+((?:[\w.%-]+\s+){0,2}?(?:\d+(?:\.\d+)?\s*(?:x|%|times|percent)|half|double|twice)(?:\s+(?:the|its)?\s*\w+)?)",
    re.I,
)


@dataclass(frozen=True)
class Literal:
    """A piece of the request that can be an argument, with where it stands."""

    text: str
    kind: str
    """image, audio, video, url, file (of another kind) or text."""
    at: int


def literals(request: str) -> list[Literal]:
    """Files, addresses and quoted words, in order; a file inside an address or a quoted sentence is not told twice."""
    found: list[Literal] = []
    for match in _QUOTED.finditer(request):
        inner = next(group for group in match.groups() if group is not None).strip()
        found.append(Literal(inner, kind_of(inner), match.start()))
    taken = [(m.start(), m.end()) for m in _QUOTED.finditer(request)]
    for pattern in (_URL, _FILE, _ANY_FILE):
        for match in pattern.finditer(request):
            if any(a <= match.start() < b for a, b in taken):
                continue
            text = match.group(0).rstrip(".")
            found.append(Literal(text, kind_of(text), match.start()))
            taken.append((match.start(), match.end()))
    for match in _QUOTED.finditer(request):  # what a quoted sentence names can be an argument of its own
        inner = match.group(0)
        if len(inner.split()) > 1:
            found += [
                Literal(m.group(0).rstrip("."), kind_of(m.group(0)), match.start() + m.start())
                for pattern in (_URL, _FILE) for m in pattern.finditer(inner)
            ]  # fmt: skip
    return sorted(found, key=lambda literal: literal.at)


def kind_of(text: str) -> str:
    """The kind of a literal by its look."""
    if len(text.split()) > 1:
        return "text"
    if re.match(r"(?:https?://|www\.)|.*(?:\.com|\.org|\.net)(?:/|$)", text, re.I):
        return "url"
    known = _ENDING.get(text.rpartition(".")[2].lower()) if "." in text else None
    return known or ("file" if _ANY_FILE.fullmatch(text) else "text")


def fill(
    request: str, tools: Sequence[ToolSpec], links: Sequence[tuple[int, int]], places: Sequence[float]
) -> list[tuple[str, ...]]:
    """The arguments of each tool (by position in `tools`): a slot takes a linked result of its type, then any linked
    result, then the nearest literal of its type. A slot that nothing fills takes words of the request."""
    told = literals(request)
    filled: list[tuple[str, ...]] = []
    for node, tool in enumerate(tools):
        sources = [a for a, b in links if b == node]
        filled.append(tuple(_slots(request, tool, sources, tools, told, places[node])))
    return filled


def _slots(
    request: str, tool: ToolSpec, sources: list[int], tools: Sequence[ToolSpec], told: list[Literal], place: float
) -> list[str]:
    left, values = list(sources), [""] * len(tool.inputs)
    used: set[str] = set()
    for slot, kind in enumerate(tool.inputs):
        fitting = next((s for s in left if kind in tools[s].outputs), None)
        if fitting is not None:
            left.remove(fitting)
            values[slot] = f"<node-{fitting}>"
    for slot in range(len(values)):
        if not values[slot] and left:
            values[slot] = f"<node-{left.pop(0)}>"
    for slot, kind in enumerate(tool.inputs):
        if not values[slot]:
            values[slot] = _literal(request, kind, told, place, used, len(tool.inputs))
            used.add(values[slot])
    return [*values, *(f"<node-{source}>" for source in left)]


def _literal(request: str, kind: str, told: list[Literal], place: float, used: set[str], inputs: int) -> str:
    """The literal of this kind that stands nearest to where the tool is spoken of, unless a slot before it has it."""
    fresh = [literal for literal in told if literal.text not in used]
    of_kind = [literal for literal in fresh if _serves(literal, kind)]
    if of_kind:
        return min(of_kind, key=lambda literal: abs(literal.at / max(1, len(request)) - place)).text
    if kind == "text":
        how = _HOW.search(request) if inputs > 1 else None
        return how.group(1) if how else "user-specified text"
    if kind == "url":
        named = _NAMES_URL.search(request)
        return named.group(0) if named and named.group(0) != "URL" else "https://www.example.com"
    return {"image": "example.jpg", "audio": "example.wav", "video": "example.mp4"}.get(kind, kind)


def _serves(literal: Literal, kind: str) -> bool:
    """A file of no medium that we know can be anything that has a name of its own."""
    return literal.kind == kind or (literal.kind == "file" and kind not in (*_FILES, "text", "url"))
