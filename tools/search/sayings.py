"""The jobs of `sayings.yaml`: how people ask for them, and which tools do them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from importlib import resources

from tools.model import Tool


@dataclass(frozen=True)
class Job:
    """Something that several tools can do, and what people say for it."""

    name: str
    tools: tuple[str, ...]
    """Names or patterns of names."""
    families: frozenset[str]
    tags: frozenset[str]
    words: str
    say: tuple[str, ...]

    def names(self, tool: Tool) -> bool:
        return any(_any_of(self.tools).match(name) for name in known_as(tool))

    def suits(self, tool: Tool) -> bool:
        """By its family or a tag: for tools that nobody has heard of yet."""
        return tool.family in self.families or any(tag.lower() in self.tags for tag in tool.tags)


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def known_as(tool: Tool) -> tuple[str, ...]:
    """Its own name, and that of the template it stands on."""
    return (tool.name,) if tool.source.name is None else (tool.name, as_name(tool.source.name))


def as_name(template: str) -> str:
    """The name of the tool that is made of a template."""
    return "_".join(_words(template))


def _words(template: str) -> list[str]:
    return "".join(c if c.isascii() and c.isalnum() else " " for c in template.lower()).split()


@cache
def jobs() -> tuple[Job, ...]:
    """All jobs, as the data file beside this module has them."""
    import yaml

    text = (resources.files("tools.search") / "sayings.yaml").read_text(encoding="utf-8")
    return tuple(
        Job(
            name=entry["job"], tools=tuple(entry.get("tools", ())), families=frozenset(entry.get("families", ())),
            tags=frozenset(entry.get("tags", ())), words=entry["words"], say=tuple(entry["say"]),
        )
        for entry in yaml.safe_load(text)
    )  # fmt: skip


def jobs_of(tool: Tool, known: Sequence[Job] | None = None) -> list[int]:
    """The numbers of the jobs that a tool does. One that is named somewhere does nothing else: its tags are vague."""
    known = jobs() if known is None else known
    named = [number for number, job in enumerate(known) if job.names(tool)]
    return named or [number for number, job in enumerate(known) if job.suits(tool)]
