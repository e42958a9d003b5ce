"""Results kept from job to job, by class and inputs through the whole upstream, never by node id."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .nodes.registry import Registry
from .values import Result

Graph = dict[str, Any]


class Cache:
    """Signature to result. Only the worker thread touches it."""

    def __init__(self) -> None:
        self._results: dict[str, Result] = {}

    def get(self, signature: str | None) -> Result | None:
        return self._results.get(signature) if signature else None

    def put(self, signature: str, result: Result) -> None:
        self._results[signature] = result

    def keep_only(self, signatures: set[str]) -> None:
        """Drop what the newest graph does not use."""
        self._results = {key: value for key, value in self._results.items() if key in signatures}

    def clear(self) -> None:
        self._results.clear()


def upstream_order(graph: Graph, wanted: list[str]) -> list[str]:
    """Every node that the wanted ones need, sources first. Links to nowhere and cycles are passed over."""
    order: list[str] = []
    state: dict[str, bool] = {}
    stack = [(node_id, False) for node_id in reversed(wanted)]
    while stack:
        node_id, ready = stack.pop()
        if ready:
            order.append(node_id)
        elif node_id in graph and node_id not in state:
            state[node_id] = True
            stack.append((node_id, True))
            stack += [(link[0], False) for link in reversed(links(graph[node_id]))]
    return order


def links(node: dict[str, Any]) -> list[list[Any]]:
    """The links among a node's inputs."""
    inputs = node.get("inputs")
    values = inputs.values() if isinstance(inputs, dict) else ()
    return [value for value in values if is_link(value)]


def is_link(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    )


def signatures(graph: Graph, order: list[str], registry: Registry) -> dict[str, str]:
    """A digest per node, of its class and all that flows into it."""
    known: dict[str, str] = {}
    for node_id in order:
        node = registry.get(graph[node_id]["class_type"])
        inputs = graph[node_id].get("inputs")
        if node is None or not isinstance(inputs, dict):
            continue
        used = {name: _part(inputs[name], known) for name in sorted(node.inputs) if name in inputs}
        body = json.dumps([node.name, registry.fingerprint(node, inputs), used], sort_keys=True)
        known[node_id] = hashlib.sha256(body.encode()).hexdigest()
    return known


def _part(value: Any, known: dict[str, str]) -> Any:
    return ["link", known.get(value[0]), value[1]] if is_link(value) else ["value", value]
