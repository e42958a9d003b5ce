"""Bind values into a graph template. Pure: API-format dicts in, API-format dict out.

A string that is exactly `$name` stands for a value: a parameter, a derived value, an input port (the file name as
LoadImage wants it) or `$filename_prefix`. A text of the template that begins with a dollar sign is written with two.
Everything else is taken as it is, so a person's words never become syntax.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.errors import BadParameter
from tools.model import Implementation

Graph = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class BoundGraph:
    """A graph ready for an instance, and which node saves which output port."""

    graph: Graph = field(repr=False)
    outputs: Mapping[str, str]


def bind(implementation: Implementation, values: Mapping[str, Any]) -> BoundGraph:
    """Replace every `$name` in the inputs. Raises BadParameter when a value is missing."""
    graph = {
        node_id: {
            "class_type": node["class_type"],
            "inputs": {name: _bound(value, values) for name, value in node["inputs"].items()},
        }
        for node_id, node in implementation.graph.items()
    }
    return BoundGraph(graph, implementation.outputs)


def without(graph: Graph, nodes: Iterable[str], loose: Collection[tuple[str, str]]) -> Graph:
    """The graph without these nodes and without what cannot run without them.

    `loose` are the links (node id, input) that may be left out; whoever loses another link goes too.
    """
    left = dict(graph)
    waiting = list(nodes)
    while waiting:
        gone = waiting.pop()
        left.pop(gone, None)
        for node_id, node in list(left.items()):
            lost = [name for name, value in node["inputs"].items() if _comes_from(value, gone)]
            if any((node_id, name) not in loose for name in lost):
                waiting.append(node_id)
            elif lost:
                kept = {name: value for name, value in node["inputs"].items() if name not in lost}
                left[node_id] = {**node, "inputs": kept}
    return left


def without_optional(implementation: Implementation, ports: Collection[str]) -> Implementation:
    """The implementation for a step that leaves these input ports empty."""
    wanted = {f"${port}" for port in ports}
    loaders = [
        node_id
        for node_id, node in implementation.graph.items()
        if any(isinstance(value, str) and value in wanted for value in node["inputs"].values())
    ]
    graph = without(implementation.graph, loaders, set(implementation.loose_links))
    return implementation.model_copy(update={"graph": graph}) if loaders else implementation


def names(implementation: Implementation) -> frozenset[str]:
    """All the `$names` that the template uses."""
    values = (value for node in implementation.graph.values() for value in node["inputs"].values())
    return frozenset(name for value in values if (name := name_in(value)) is not None)


def node_classes(implementation: Implementation) -> frozenset[str]:
    """The node classes that an instance must have."""
    return frozenset(node["class_type"] for node in implementation.graph.values())


def name_in(value: Any) -> str | None:
    """The name that an input of the template stands for; None where it is a value or a link."""
    return (
        value[1:] if isinstance(value, str) and value.startswith("$") and not value.startswith("$$") else None
    )


def _bound(value: Any, values: Mapping[str, Any]) -> Any:
    name = name_in(value)
    if name is None:
        return value[1:] if isinstance(value, str) and value.startswith("$$") else value
    if name not in values:
        raise BadParameter(f"The value {name} is missing.", parameter=name)
    return values[name]


def _comes_from(value: Any, node: str) -> bool:
    return isinstance(value, list) and len(value) == 2 and value[0] == node
