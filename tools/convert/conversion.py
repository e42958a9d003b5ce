"""The whole conversion: a workflow as the editor saves it in, the graph that the server runs out. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.convert.links import NOTES, PRIMITIVE, REROUTE, Literal, Tracer, Wire
from tools.convert.scopes import Scope, unfold
from tools.convert.values import laid_out, sent
from tools.convert.workflow import BYPASSED, MUTED, Node, read_workflow
from tools.errors import BadFacts
from tools.nodes import ObjectInfo, inputs_of

Graph = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Conversion:
    """What a workflow becomes on a server with these nodes."""

    graph: Graph = field(repr=False)
    """API format with titles under `_meta`, ids inside subgraphs with colons (`57:8`); {} when a node is unknown."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """Node id -> type that the server lacks."""
    known: Graph = field(default_factory=dict, repr=False)
    """The graph without its unknown nodes: to look at, never to run."""


def convert(ui: Any, info: ObjectInfo) -> Conversion:
    """Turn a workflow of the editor (parsed JSON) into an API graph by this `/object_info`.

    Raises BadWorkflow (its kinds have codes of their own) and BadFacts.
    """
    if not isinstance(info, Mapping) or not all(isinstance(entry, Mapping) for entry in info.values()):
        raise BadFacts
    top = unfold(read_workflow(ui), info)
    tracer = Tracer()
    known: Graph = {}
    unknown: dict[str, str] = {}
    for scope, node in _live(top):
        node_id = f"{scope.path}{node.id}"
        if node.type in info:
            known[node_id] = _emitted(scope, node, tracer)
        else:
            unknown[node_id] = node.type
    return Conversion({} if unknown else known, unknown, known)


def digest(graph: Mapping[str, Mapping[str, Any]]) -> str:
    """sha256 of a graph's canonical JSON; titles do not count."""
    bare = {key: {"class_type": node["class_type"], "inputs": node["inputs"]} for key, node in graph.items()}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _live(scope: Scope) -> Iterator[tuple[Scope, Node]]:
    """Every node that works: not muted, bypassed or inside something that is, nor one that only the editor has."""
    for node in scope.sheet.nodes.values():
        if node.mode in (MUTED, BYPASSED) or node.type in (*NOTES, REROUTE, PRIMITIVE):
            continue
        if node.id in scope.inside:
            yield from _live(scope.inside[node.id])
        else:
            yield scope, node


def _emitted(scope: Scope, node: Node, tracer: Tracer) -> dict[str, Any]:
    entry = scope.info[node.type]
    links: dict[str, Any] = {}
    overrides: dict[str, Any] = {}
    for socket in node.inputs:
        source = None if socket.link is None else tracer.source(scope, socket.link)
        if isinstance(source, Wire):
            links[socket.name] = [source.node, source.slot]
        elif isinstance(source, Literal):
            overrides[socket.name] = source.value
    values = laid_out(node, inputs_of(entry), scope.stored(node), overrides)
    literals = {name: sent(value) for name, value in overrides.items()}
    inputs = {**values, **literals, **links}
    return {"class_type": node.type, "inputs": inputs, "_meta": {"title": node.title or _display_name(entry) or node.type}}


def _display_name(entry: Mapping[str, Any]) -> str | None:
    name = entry.get("display_name")
    return name if isinstance(name, str) else None
