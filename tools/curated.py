"""The curated tools: one YAML file each, completed from the template that some of them stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from tools.model import Tool
from tools.templates import standing
from tools.templates.standing import Lookup


def curated(lookup: Callable[[frozenset[str]], Lookup] | None) -> tuple[Tool, ...]:
    """All of them, or without `lookup` those that stand on no template. It is asked once, with the names of all templates.

    Raises BadStanding when a tool names what its template does not have.
    """
    entries = [entry for entry in _entries() if lookup is not None or not standing.templates_of(entry)]
    wanted = frozenset(name for entry in entries for name in standing.templates_of(entry))
    below = lookup(wanted) if lookup is not None and wanted else _nothing
    return tuple(Tool.model_validate(standing.complete(entry, below)) for entry in entries)


def joined(own: tuple[Tool, ...], templates: tuple[Tool, ...]) -> tuple[Tool, ...]:
    """The curated tools, then the templates; one that a curated tool stands on is behind it, one of the same name gone."""
    names = {tool.name for tool in own}
    before: dict[str | None, str] = {tool.source.name: tool.name for tool in own if tool.source.name is not None}
    kept = (tool for tool in templates if tool.name not in names)
    return (*own, *(tool.model_copy(update={"behind": before.get(tool.source.name)}) for tool in kept))


def _entries() -> list[Mapping[str, Any]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it
    folder = resources.files("tools") / "catalogue"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return [yaml.load(file.read_text(encoding="utf-8"), Loader=loader) for file in files]


def _nothing(_name: str) -> None:
    return None
