"""The nodes of a workflow file that are switched on, through its subgraphs, and what its notes say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]
_OFF = (2, 4)  # muted, bypassed
_NOTES = ("MarkdownNote", "Note")


def active(ui: Mapping[str, Any]) -> Iterator[Node]:
    """Nodes that can run; nothing within a muted or bypassed subgraph, and no notes."""
    definitions = {d["id"]: d for d in ui.get("definitions", {}).get("subgraphs", [])}
    yield from _active(ui["nodes"], definitions, frozenset())


def _active(nodes: Any, definitions: Mapping[str, Any], within: frozenset[str]) -> Iterator[Node]:
    for node in nodes:
        if node.get("mode", 0) in _OFF or node["type"] in _NOTES:
            continue
        inner = definitions.get(node["type"])
        if inner is None:
            yield node
        elif inner["id"] not in within:
            yield from _active(inner["nodes"], definitions, within | {inner["id"]})


def every(ui: Mapping[str, Any]) -> Iterator[Node]:
    """All nodes, switched on or not."""
    yield from ui["nodes"]
    for definition in ui.get("definitions", {}).get("subgraphs", []):
        yield from definition["nodes"]


def notes(ui: Mapping[str, Any]) -> Iterator[str]:
    """The texts that the authors wrote beside the graph."""
    for node in every(ui):
        if node["type"] in _NOTES:
            values = node.get("widgets_values") or []
            yield from (value for value in values if isinstance(value, str))
