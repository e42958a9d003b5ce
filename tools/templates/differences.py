"""What a new build changed against the last one, for a person to look at before it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.model import Tool
from tools.templates.building import Build

_PLAIN = ("title", "family", "group", "base", "vram_gb", "min_comfyui", "derive")


@dataclass(frozen=True)
class Differences:
    """Names of tools, and for each changed one what changed, a line each."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def as_dict(self) -> dict[str, Any]:
        changed = {name: list(lines) for name, lines in self.changed.items()}
        return {"added": list(self.added), "removed": list(self.removed), "changed": changed}


def differences(old: Build | None, new: Build) -> Differences:
    """Between two builds; without an old one everything is new."""
    before = {tool.name: tool for tool in old.tools} if old is not None else {}
    after = {tool.name: tool for tool in new.tools}
    changed = {name: tuple(_changes(before[name], after[name])) for name in sorted(before.keys() & after.keys())}
    return Differences(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        {name: lines for name, lines in changed.items() if lines},
    )


def _changes(old: Tool, new: Tool) -> Iterator[str]:
    for field in _PLAIN:
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield f"{field}: {was} -> {now}"
    yield from _named("input", old.inputs, new.inputs)
    yield from _named("output", old.outputs, new.outputs)
    yield from _named("parameter", old.params, new.params)
    if bool(old.implementations) != bool(new.implementations):
        yield "has a graph now" if new.implementations else "has no graph any more"
    elif [i.graph for i in old.implementations] != [i.graph for i in new.implementations]:
        yield "graph changed"
    yield from _named("model", _models(old), _models(new))


def _named(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"{what} {name} gone"
        elif name not in old:
            yield f"{what} {name} new"
        elif old[name] != new[name]:
            yield f"{what} {name}: {', '.join(_fields(old[name], new[name]))}"


def _fields(old: Any, new: Any) -> Iterator[str]:
    was, now = old.model_dump(mode="json"), new.model_dump(mode="json")
    yield from (f"{field} {was[field]} -> {now[field]}" for field in was if was[field] != now[field])


def _models(tool: Tool) -> dict[str, Any]:
    return {f"{model.folder}/{model.file}": model for each in tool.implementations for model in each.models}
