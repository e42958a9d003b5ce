"""How well a person's own tools fit a query, beside the catalogue's. Pure: a few dozen, so every one is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tools.model import Tool
from tools.protocols import Vectors

FAR = 0.3
"""A cosine below this is another subject."""
NEAR = 0.6
"""A cosine that stands for as sure a hit as the catalogue's first."""

Ranked = tuple[str, float]


def texts_of(tool: Tool) -> list[str]:
    """What stands for an own tool: its title, what it does, how it is asked for."""
    return [tool.title, f"{tool.title}. {tool.description}", *(example.text for example in tool.examples)]


def ranked(query: str, vector: Vectors, own: Iterable[tuple[Tool, Vectors]]) -> list[Ranked]:
    """(name, score) of those that fit, best first. What is called by its title leads everything."""
    found = []
    for tool, vectors in own:
        score = 1.5 if is_named(tool.title, query) else min(1.0, float((vectors @ vector).max()) / NEAR)
        if score >= FAR / NEAR:
            found.append((tool.name, score))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def merged(everybodys: Sequence[Ranked], own: Sequence[Ranked], limit: int) -> list[Ranked]:
    """One list from two whose scores both reach 1 for a sure hit; the person's own first where they are equal."""
    return sorted([*own, *everybodys], key=lambda pair: -pair[1])[:limit]


def is_named(title: str, query: str) -> bool:
    """Whether the words of the title stand in the query, one after the other."""
    words = _words(title)
    return bool(words) and f" {' '.join(words)} " in f" {' '.join(_words(query))} "


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
