"""Nodes that do the same are one node: four pictures with one model load it once and read the words once. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

Nodes = dict[str, dict[str, Any]]


def shared(graph: Nodes, kept: Collection[str]) -> Nodes:
    """The graph with every pair of equal nodes (same class, same inputs) merged into the earlier one; `kept` stay as they
    are, because somebody asks for them by name. A node counts as earlier when the graph names it before."""
    stands_for: dict[str, str] = {}
    seen: dict[str, str] = {}
    made: Nodes = {}
    for node_id in _sources_first(graph):
        node = graph[node_id]
        inputs = {name: _followed(value, stands_for) for name, value in node["inputs"].items()}
        same = json.dumps([node["class_type"], inputs], sort_keys=True, default=str)
        if node_id not in kept and same in seen:
            stands_for[node_id] = seen[same]
            continue
        seen.setdefault(same, node_id)
        made[node_id] = {"class_type": node["class_type"], "inputs": inputs}
    return {node_id: made[node_id] for node_id in graph if node_id in made}


def _followed(value: Any, stands_for: dict[str, str]) -> Any:
    return [stands_for.get(value[0], value[0]), value[1]] if _is_link(value) else value


def _sources_first(graph: Nodes) -> list[str]:
    order: dict[str, None] = {}
    entered: set[str] = set()
    stack = [(node_id, False) for node_id in reversed(graph)]
    while stack:
        node_id, ready = stack.pop()
        if ready:
            order[node_id] = None
        elif node_id in graph and node_id not in entered:
            entered.add(node_id)
            links = [value[0] for value in graph[node_id]["inputs"].values() if _is_link(value)]
            stack += [(node_id, True), *((source, False) for source in reversed(links))]
    return list(order)


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
