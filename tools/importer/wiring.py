"""A graph read with what ComfyUI says of its nodes: who feeds whom, and of which type every input and output is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.graph import Graph
from tools.nodes import MATCH, Input, unfolded


@dataclass(frozen=True, order=True)
class Place:
    """One input of one node: where a value is written."""

    node: str
    input: str


@dataclass(frozen=True)
class Link:
    """What feeds an input: an output slot of another node."""

    node: str
    slot: int


class Wiring:
    """Read-only view of an API graph beside an `/object_info`. Nodes that this does not know have no types."""

    def __init__(self, graph: Graph, info: Mapping[str, Any]) -> None:
        self.graph = graph
        self.info = info
        self._said: dict[str, Mapping[str, Input]] = {}
        self._consumers: dict[str, list[tuple[Place, int]]] = {}
        for place, link in self.links():
            self._consumers.setdefault(link.node, []).append((place, link.slot))

    def class_of(self, node: str) -> str:
        return str(self.graph[node]["class_type"])

    def value(self, place: Place) -> Any:
        """The literal, or the raw link; None where nothing is given."""
        return self.graph[place.node]["inputs"].get(place.input)

    def link(self, place: Place) -> Link | None:
        return as_link(self.value(place), self.graph)

    def inputs(self, node: str) -> list[Place]:
        """The inputs that are given, in the order in which ComfyUI names them, required ones first."""
        given = self.graph[node]["inputs"]
        named = [name for name in self.said(node) if name in given]
        return [Place(node, name) for name in dict.fromkeys([*named, *given])]

    def said(self, node: str) -> Mapping[str, Input]:
        """What ComfyUI says of every input that a node may have as it is set."""
        if node not in self._said:
            found = unfolded(self._entry(node), self.graph[node]["inputs"])
            self._said[node] = {one.name: one for one in found}
        return self._said[node]

    def links(self) -> Iterator[tuple[Place, Link]]:
        for node, body in self.graph.items():
            for name, value in body["inputs"].items():
                link = as_link(value, self.graph)
                if link is not None:
                    yield Place(node, name), link

    def linked(self, node: str) -> list[tuple[Place, Link]]:
        """The inputs that come from other nodes, in ComfyUI's order."""
        return [(place, link) for place in self.inputs(node) if (link := self.link(place)) is not None]

    def consumers(self, node: str, slot: int | None = None) -> list[Place]:
        """Where the outputs of a node go (one slot, or all)."""
        return [place for place, of in self._consumers.get(node, ()) if slot is None or of == slot]

    def spec(self, place: Place) -> Input | None:
        """What is said of an input; None where ComfyUI does not know it."""
        return self.said(place.node).get(place.input)

    def is_output(self, node: str) -> bool:
        return bool(self._entry(node).get("output_node"))

    def output_names(self, node: str) -> list[str]:
        return [str(name).lower() for name in self._entry(node).get("output_name") or ()]

    def type_of(self, link: Link) -> str:
        """The type of an output; a matched type is that of the input it is matched with. `*` where it is not known."""
        outputs = self._entry(link.node).get("output") or []
        kind = str(outputs[link.slot]) if link.slot < len(outputs) else "*"
        return self._matched(link.node) if kind == MATCH else kind

    def depth(self) -> int | None:
        """Links along the longest way through the graph; None where a way runs in a circle."""
        waits = {node: len(self.linked(node)) for node in self.graph}
        depths = dict.fromkeys((node for node, count in waits.items() if not count), 0)
        ready = list(depths)
        while ready:
            node = ready.pop()
            for place in self.consumers(node):
                depths[place.node] = max(depths.get(place.node, 0), depths[node] + 1)
                waits[place.node] -= 1
                if not waits[place.node]:
                    ready.append(place.node)
        return None if any(waits.values()) else max(depths.values(), default=0)

    def ancestors(self, *nodes: str) -> set[str]:
        """The nodes, and everything that they need."""
        found: set[str] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += [link.node for _, link in self.linked(node)]
        return found

    def sources(self, node: str) -> list[str]:
        """Everything that a node needs in the order in which it is met, depth first, inputs in ComfyUI's order; itself last."""
        seen: set[str] = set()
        ordered: list[str] = []
        stack: list[tuple[str, bool]] = [(node, False)]
        while stack:
            current, done = stack.pop()
            if done:
                ordered.append(current)
            elif current not in seen:
                seen.add(current)
                stack.append((current, True))
                stack += [(link.node, False) for _, link in reversed(self.linked(current))]
        return ordered

    def _entry(self, node: str) -> Mapping[str, Any]:
        entry: Mapping[str, Any] = self.info.get(self.class_of(node), {})
        return entry

    def _matched(self, node: str) -> str:
        """Of inputs with a matched type, the first link that has a type; the literal's type otherwise."""
        for place in self.inputs(node):
            spec = self.spec(place)
            if spec is None or spec.type != MATCH:
                continue
            link = self.link(place)
            kind = self.type_of(link) if link else _literal_type(self.value(place))
            if kind != "*":
                return kind
        return "*"


def as_link(value: Any, graph: Graph) -> Link | None:
    """A list of a node's id and a slot number is a link."""
    is_pair = isinstance(value, list) and len(value) == 2 and isinstance(value[1], int)
    return Link(str(value[0]), value[1]) if is_pair and str(value[0]) in graph else None


def _literal_type(value: Any) -> str:
    kinds = {bool: "BOOLEAN", int: "INT", float: "FLOAT", str: "STRING"}
    return kinds.get(type(value), "*")
