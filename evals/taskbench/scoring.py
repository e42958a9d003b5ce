"""TaskBench's measures, written from their definitions: sets of tools, links and arguments, pooled over requests. Pure.

n-F1 compares sets of tools; e-F1 sets of links, which for plans with arguments are those that `<node-k>` in the arguments
says; t-F1 sets of (tool, type of an argument); v-F1 sets of (tool, type, value). Doubles within a request count once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.taskplan.model import Inventory

_ENDINGS = {
    "image": ("jpg", "png", "jpeg", "gif", "bmp", "tiff", "svg", "ico"),
    "audio": ("mp3", "wav", "wma", "ogg", "aac", "flac", "aiff", "au"),
    "video": ("mp4", "avi", "mov", "flv", "wmv", "mkv", "webm", "m4v", "mpg", "mpeg"),
}
MEASURES = ("n", "e", "t", "v")


@dataclass(frozen=True)
class Outline:
    """A plan as far as it is measured: names of tools, pairs of names, and what goes into them."""

    tools: frozenset[str]
    links: frozenset[tuple[str, str]]
    types: frozenset[tuple[str, str]] = frozenset()
    values: frozenset[tuple[str, str, str]] = field(default=frozenset(), repr=False)
    with_arguments: bool = False


def outline(row: Mapping[str, Any], known: Inventory) -> Outline:
    """From a gold line or a prediction line. Tools that the inventory lacks do not count."""
    listed_nodes = row.get("nodes")
    nodes = [
        node if isinstance(node, dict) else {"task": node}
        for node in (listed_nodes if isinstance(listed_nodes, list) else [])
    ]
    names = [str(node.get("task", "")).replace("_", " ") for node in nodes]
    makes = {tool.name: (tool.outputs or ("none",))[0] for tool in known.tools}
    told = any("arguments" in node for node in nodes)
    links, types, values = _arguments(nodes, names, makes)
    listed = frozenset((str(a).replace("_", " "), str(b).replace("_", " ")) for a, b in _pairs(row.get("links") or []))
    full = any(node.get("arguments") for node in nodes)
    return Outline(frozenset(names) & makes.keys(), links if full else listed, types, values, told)


def pooled(pairs: Sequence[tuple[Outline, Outline]], weights: Sequence[float] | None = None) -> dict[str, float]:
    """F1 in percent by measure over (gold, said); t and v over those gold plans that have arguments."""
    hits, sizes = dict.fromkeys(MEASURES, 0.0), dict.fromkeys(MEASURES, 0.0)
    for (gold, said), weight in zip(pairs, weights or [1.0] * len(pairs), strict=True):
        compared = {"n": (gold.tools, said.tools), "e": (gold.links, said.links)}
        if gold.with_arguments:
            compared |= {"t": (gold.types, said.types), "v": (gold.values, said.values)}
        for measure, (right, given) in compared.items():
            hits[measure] += weight * len(right & given)
            sizes[measure] += weight * (len(right) + len(given))
    return {measure: 200 * hits[measure] / sizes[measure] for measure in MEASURES if sizes[measure]}


def _arguments(
    nodes: Sequence[Mapping[str, Any]], names: Sequence[str], makes: Mapping[str, str]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]], frozenset[tuple[str, str, str]]]:
    links, types, values = set(), set(), set()
    for number, node in enumerate(nodes):
        for text in map(_text, node.get("arguments") or []):
            name, value = names[number], text
            if found := re.search(r"<node-(\d+)>", text):
                source = int(found[1])
                if source == number or source >= len(names):
                    continue
                links.add((names[source], name))
                kind, value = makes.get(names[source], "other"), names[source]
            else:
                kind = _kind(text)
            types.add((name, kind.lower()))
            values.add((name, kind.lower(), value))
    return frozenset(links), frozenset(types), frozenset(values)


def _text(argument: Any) -> str:
    if isinstance(argument, dict):
        argument = argument.get("value", next(iter(argument.values()), ""))
    return " ".join(map(str, argument)) if isinstance(argument, list) else str(argument)


def _kind(text: str) -> str:
    bare = text.strip("'")
    return next((kind for kind, ends in _ENDINGS.items() if any(f".{end}" in bare for end in ends)), "text")


def _pairs(links: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    """A link that does not name two ends is none."""
    for link in links:
        ends = (link.get("source"), link.get("target")) if isinstance(link, dict) else link
        if isinstance(ends, list | tuple) and len(ends) == 2:
            yield ends[0], ends[1]
