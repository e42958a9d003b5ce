"""Which nodes of a graph an output needs, in the order in which they can run, and which links lead nowhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.nodes import Input, ObjectInfo, outputs_of, unfolded
from tools.validation.model import Fault, Graph


@dataclass(frozen=True)
class Wiring:
    """`order`: sources before those that use them. `inputs` and `entries` are by node, only of nodes that are needed."""

    order: tuple[str, ...]
    inputs: Mapping[str, tuple[Input, ...]]
    entries: Mapping[str, Mapping[str, Any]]
    faults: tuple[Fault, ...]
    cycle: tuple[str, ...]


def wiring(graph: Graph, info: ObjectInfo, outputs: Iterable[str]) -> Wiring:
    """Walk from the outputs to what they need."""
    inputs: dict[str, tuple[Input, ...]] = {}
    faults: list[Fault] = []
    done: dict[str, None] = {}
    path: dict[str, Iterator[str]] = {}

    def needed(key: str) -> Iterator[str]:
        node = graph[key]
        inputs[key] = unfolded(info[node["class_type"]], node["inputs"])
        found = [_source(graph, info, key, one.name, node["inputs"].get(one.name)) for one in inputs[key]]
        faults.extend(source for source in found if isinstance(source, Fault))
        return iter([source for source in found if isinstance(source, str)])

    for start in outputs:
        if start in done:
            continue
        path[start] = needed(start)
        while path:
            key = next(reversed(path))
            source = next((source for source in path[key] if source not in done), None)
            if source is None:
                path.pop(key)
                done[key] = None
            elif source in path:
                return Wiring((), {}, {}, (), _circle(list(path), source))
            else:
                path[source] = needed(source)
    return Wiring(tuple(done), inputs, {key: info[graph[key]["class_type"]] for key in done}, tuple(faults), ())


def link_of(value: Any) -> tuple[str, int] | None:
    """(node, slot) where a value is a link that can be read."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    node, slot = value
    return (node, slot) if isinstance(node, str) and isinstance(slot, int) and not isinstance(slot, bool) else None


def _source(graph: Graph, info: ObjectInfo, key: str, name: str, value: Any) -> str | Fault | None:
    """The node that is linked there, what is wrong with the link, or None where a value stands."""
    if not isinstance(value, list):
        return None
    link = link_of(value)
    if link is None:
        return Fault("bad_linked_input", "is a list, and no link (a list as a value is wrapped in __value__)", key, name)
    node, slot = link
    if node not in graph:
        return Fault("bad_linked_input", f"links to {node}, which is not there", key, name)
    if not 0 <= slot < len(outputs_of(info[graph[node]["class_type"]])):
        return Fault("bad_linked_input", f"links to output {slot} of {node}, which it does not have", key, name)
    return node


def _circle(path: Sequence[str], back_to: str) -> tuple[str, ...]:
    return tuple(path[path.index(back_to) :])
