"""What stands for a tool: texts that are embedded, and words by field. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.model import Tool
from tools.search.sayings import Job
from tools.search.words import tokens

BOOSTS: Mapping[str, float] = {"title": 2.0, "jobs": 1.5, "about": 0.7, "examples": 1.0}
"""What a word counts in each field."""
MAX_EXAMPLES = 8


@dataclass(frozen=True)
class Passage:
    """One text by which a tool may be found."""

    tool: str
    text: str


def passages_of(tool: Tool) -> list[Passage]:
    """The texts that stand for a tool: short ones, because what people ask is short."""
    head = f"{tool.title}. {', '.join(tool.tags)}"
    texts = [head, tool.description, *(example.text for example in tool.examples[:MAX_EXAMPLES])]
    return [Passage(tool.name, text) for text in texts if text.strip()]


def fields_of(tool: Tool, jobs: Sequence[Job]) -> dict[str, list[str]]:
    """The words of a tool, by field of BOOSTS."""
    return {
        "title": tokens(f"{tool.title} {tool.family} {' '.join(tool.tags)}"),
        "jobs": tokens(" ".join(job.words for job in jobs)),
        "about": tokens(tool.description),
        "examples": tokens(" ".join(example.text for example in tool.examples)),
    }
