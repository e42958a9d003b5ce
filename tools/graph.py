"""Bind values into a graph template. Pure: API-format dicts in, API-format dict out.

A string that is exactly `$name` stands for a value: a parameter, a derived value, an input port (the file name as
LoadImage wants it) or `$filename_prefix`. A text of the template that begins with a dollar sign is written with two.
Everything else is taken as it is, so a person's words never become syntax.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def names(implementation: Implementation) -> frozenset[str]:
    """All the `$names` that the template uses."""
    values = (value for node in implementation.graph.values() for value in node["inputs"].values())
    return frozenset(value[1:] for value in values if _is_name(value))


def node_classes(implementation: Implementation) -> frozenset[str]:
    """The node classes that an instance must have."""
    return frozenset(node["class_type"] for node in implementation.graph.values())


def _bound(value: Any, values: Mapping[str, Any]) -> Any:
    if not _is_name(value):
        return value[1:] if isinstance(value, str) and value.startswith("$$") else value
    if value[1:] not in values:
        raise BadParameter(f"The value {value[1:]} is missing.", parameter=value[1:])
    return values[value[1:]]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$") and not value.startswith("$$")
