"""Read what the editor saved into typed values, and refuse whatever is no workflow. Pure.

Only what the conversion needs is read. The file may come from anybody: its size, depth and types are checked here, so
that the phases after this one need not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tools.errors import ApiFormatGiven, NotAWorkflow, WorkflowTooLarge
from tools.nesting import is_deeper_than, is_finite

NORMAL, MUTED, BYPASSED = 0, 2, 4
INPUTS, OUTPUTS = "-10", "-20"
"""The ids that links inside a subgraph use for its own inputs and outputs."""
MOST_NODES, MOST_LINKS, DEEPEST = 5_000, 50_000, 64
_LONGEST_TYPE = 200


@dataclass(frozen=True)
class Socket:
    """Where a link may end: an input of a node. `widget`: it belongs to a value that the node stores itself."""

    name: str
    type: str
    link: int | None
    widget: bool


@dataclass(frozen=True)
class Node:
    """A node as it was saved. `values` are in the order of its widgets, `named` the same by name where the file has them."""

    id: str
    type: str
    mode: int
    title: str | None
    inputs: tuple[Socket, ...]
    outputs: tuple[str, ...]
    """Types of its output slots."""
    values: tuple[Any, ...]
    named: Mapping[str, Any]
    displays_inner: bool
    """A subgraph instance of the older kind: it only shows values that the inner nodes keep."""

    @cached_property
    def sockets(self) -> Mapping[str, Socket]:
        return {socket.name: socket for socket in reversed(self.inputs)}


@dataclass(frozen=True)
class Link:
    """From a node's output slot to a node's input slot."""

    origin: str
    origin_slot: int
    target: str
    target_slot: int


@dataclass(frozen=True)
class Sheet:
    """One graph of the file: the top one, or that of a subgraph."""

    nodes: Mapping[str, Node]
    links: Mapping[int, Link]


@dataclass(frozen=True)
class Definition:
    """A subgraph. `inputs` are its names with the links that lead inward, in order; `outputs` the links that lead out."""

    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    outputs: tuple[int | None, ...]
    sheet: Sheet

    @cached_property
    def inward(self) -> Mapping[str, tuple[int, ...]]:
        return dict(reversed(self.inputs))


@dataclass(frozen=True)
class Workflow:
    """A whole file. `definitions` are by the type that their instances name."""

    top: Sheet
    definitions: Mapping[str, Definition]


def read_workflow(ui: Any) -> Workflow:
    """The file's nodes, links and subgraphs.

    Raises NotAWorkflow, ApiFormatGiven or WorkflowTooLarge.
    """
    if not isinstance(ui, dict):
        raise NotAWorkflow
    if "nodes" not in ui and any(isinstance(node, dict) and "class_type" in node for node in ui.values()):
        raise ApiFormatGiven
    if is_deeper_than(DEEPEST, ui):
        raise WorkflowTooLarge("The file is nested too deeply.", depth=DEEPEST)
    if not is_finite(ui):
        raise NotAWorkflow("A number of the file is not finite.")
    top = _sheet(ui)
    definitions: dict[str, Definition] = {}
    for raw in _dicts(_dict(ui.get("definitions")).get("subgraphs"), "subgraph"):
        name = raw.get("id")
        if not isinstance(name, str) or name in definitions:
            raise NotAWorkflow("A subgraph of the file has no id of its own.")
        definitions[name] = _definition(raw)
    sheets = [top, *(definition.sheet for definition in definitions.values())]
    if sum(len(sheet.nodes) for sheet in sheets) > MOST_NODES or sum(len(s.links) for s in sheets) > MOST_LINKS:
        raise WorkflowTooLarge(nodes=MOST_NODES, links=MOST_LINKS)
    return Workflow(top, definitions)


def _sheet(raw: Mapping[str, Any]) -> Sheet:
    nodes: dict[str, Node] = {}
    for item in _dicts(raw.get("nodes"), "node"):
        node = _node(item)
        if node.id in nodes:
            raise NotAWorkflow("Two nodes of one graph have the same id.", node=node.id)
        nodes[node.id] = node
    links = raw.get("links") or []
    if not isinstance(links, list):
        raise NotAWorkflow("The file's links are no list.")
    return Sheet(nodes, dict(_link(item) for item in links if item is not None))


def _node(raw: Mapping[str, Any]) -> Node:
    values, named = raw.get("widgets_values"), _dict(raw.get("widgets_values_named"))
    kind, mode, title = raw.get("type"), raw.get("mode", NORMAL), raw.get("title")
    if not isinstance(kind, str) or len(kind) > _LONGEST_TYPE or not isinstance(mode, int):
        raise NotAWorkflow("A node of the file has no type, or a mode that is no number.")
    return Node(
        id=_id(raw.get("id")),
        type=kind,
        mode=mode,
        title=title if isinstance(title, str) and title else None,
        inputs=tuple(_socket(item) for item in _dicts(raw.get("inputs") or [], "input")),
        outputs=tuple(_type(item.get("type")) for item in _dicts(raw.get("outputs") or [], "output")),
        values=tuple(values) if isinstance(values, list) else (),
        # Some programs' nodes store an object instead of the list: then its keys are the names.
        named={**named, **_dict(values)},
        displays_inner="proxyWidgets" in _dict(raw.get("properties")),
    )


def _socket(raw: Mapping[str, Any]) -> Socket:
    name, link = raw.get("name"), raw.get("link")
    if not isinstance(name, str):
        raise NotAWorkflow("An input of a node has no name.")
    return Socket(name, _type(raw.get("type")), None if link is None else _number(link), bool(raw.get("widget")))


def _link(raw: Any) -> tuple[int, Link]:
    """Outside subgraphs `[id, from, slot, to, slot, type]`, inside an object."""
    if isinstance(raw, list) and len(raw) >= 5:
        number, origin, origin_slot, target, target_slot = raw[:5]
    elif isinstance(raw, dict):
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        number, origin, origin_slot, target, target_slot = (raw.get(key) for key in keys)
    else:
        raise NotAWorkflow("A link of the file cannot be read.")
    return _number(number), Link(_id(origin), _number(origin_slot), _id(target), _number(target_slot))


def _definition(raw: Mapping[str, Any]) -> Definition:
    sheet = _sheet(raw)
    inward: dict[int, list[int]] = {}
    outward: dict[int, int] = {}
    for number, link in sheet.links.items():
        if link.origin == INPUTS:
            inward.setdefault(link.origin_slot, []).append(number)
        if link.target == OUTPUTS:
            outward[link.target_slot] = number
    inputs = []
    for place, item in enumerate(_dicts(raw.get("inputs") or [], "subgraph input")):
        name, listed = item.get("name"), item.get("linkIds")
        if not isinstance(name, str):
            raise NotAWorkflow("An input of a subgraph has no name.")
        order = [n for n in listed if isinstance(n, int) and n in sheet.links] if isinstance(listed, list) else []
        inputs.append((name, tuple(dict.fromkeys([*order, *inward.get(place, ())]))))
    count = len(list(_dicts(raw.get("outputs") or [], "subgraph output")))
    return Definition(tuple(inputs), tuple(outward.get(place) for place in range(count)), sheet)


def _dicts(value: Any, what: str) -> Iterable[Mapping[str, Any]]:
    if value is None and what == "subgraph":
        return
    if not isinstance(value, list):
        raise NotAWorkflow(f"Where the file lists each {what}, there is no list.")
    for item in value:
        if not isinstance(item, dict):
            raise NotAWorkflow(f"Where the file lists each {what}, something else stands.")
        yield item


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or len(text := _text(value)) > 64:
        raise NotAWorkflow("A node of the file has no id.")
    return text


def _text(value: int | str) -> str:
    return value if isinstance(value, str) else str(value) if abs(value) < 2**64 else "0" * 65


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotAWorkflow("A link of the file has no number.")
    return value


def _type(value: Any) -> str:
    """A slot's type; the editor writes 0 or nothing for what takes anything."""
    return value if isinstance(value, str) and value else "*"
