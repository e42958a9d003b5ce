"""The build: all open templates of the installed package as tools, held against one `/object_info`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from tools.model import Tool
from tools.templates import package
from tools.templates.making import Known, Made, make
from tools.templates.weights import sources

_CODE = ("convert", "importer", "templates", "derive.py", "graph.py", "model.py", "nodes.py")


class Build(BaseModel):
    """What came out, and of what: `key` is equal only for the same package, server facts and code."""

    model_config = ConfigDict(frozen=True)

    key: str
    package: str
    """Version of the template package."""
    server: str
    """The ComfyUI whose facts the graphs were made for."""
    tools: tuple[Tool, ...]
    faults: dict[str, str] = {}
    """Tool -> why it has no graph."""


def build(server: str, info: bytes, only: frozenset[str] | None = None) -> Build:
    """Takes seconds: convert and trace every open template for a server that answers `info` to `/object_info`.

    With `only`, just those of these names; what is known of their files still comes from all.
    Raises TemplatesUnavailable, BadFacts.
    """
    templates = list(package.open_templates())
    known = Known(package.version(), sources(templates), json.loads(info), server)
    wanted = [template for template in templates if only is None or template.name in only]
    made = _titled_apart([make(template, known) for template in wanted])
    faults = {m.tool.name: m.fault for m in made if m.fault is not None}
    tools = tuple(m.tool for m in made if not m.broken)
    return Build(key=key_of(info), package=known.version, server=server, tools=tools, faults=faults)


def key_of(info: bytes) -> str:
    """Changes with the installed package, with these server facts and with the code that reads both."""
    parts = (package.fingerprint(), hashlib.sha256(info).hexdigest(), _code())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def merged(builds: Iterable[Build]) -> tuple[Tool, ...]:
    """The tools of the first build; those without a graph there are taken from the first build that has one."""
    found: dict[str, Tool] = {}
    for each in builds:
        for tool in each.tools:
            known = found.get(tool.name)
            if known is None or (not known.implementations and tool.implementations):
                found[tool.name] = tool
    return tuple(found.values())


def _titled_apart(made: list[Made]) -> list[Made]:
    """Titles name a choice on a button, so no two are equal: the second says what it gives."""
    seen: set[str] = set()
    apart = []
    for each in made:
        title = each.tool.title
        if title in seen:
            title = f"{title} ({next(iter(each.tool.outputs))})"
        if title in seen:
            title = f"{each.tool.title} ({each.tool.name})"
        seen.add(title)
        apart.append(Made(each.tool.model_copy(update={"title": title}), each.fault))
    return apart


def _code() -> str:
    root = resources.files("tools")
    digest = hashlib.sha256()
    for name in _CODE:
        for path, content in _sources(root / name, name):
            digest.update(f"{path}\n".encode() + content)
    return digest.hexdigest()


def _sources(found: Any, path: str) -> Iterable[tuple[str, bytes]]:
    if found.is_file():
        yield path, found.read_bytes()
    elif found.is_dir():
        for entry in sorted(found.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() or entry.name.endswith((".py", ".yaml")):
                yield from _sources(entry, f"{path}/{entry.name}")


