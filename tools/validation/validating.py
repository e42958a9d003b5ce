"""Whether a server with this `/object_info` would take a graph. Pure.

Classes are checked for all nodes, inputs only for those that an output node needs, as the server does it. Names of files
(models, pictures) are not: which of them are there is another question, and another's to answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools.nesting import is_deeper_than, is_finite
from tools.nodes import ObjectInfo
from tools.validation.inputs import absent, literals
from tools.validation.links import Wiring, wiring
from tools.validation.model import Fault, Graph
from tools.validation.types import mismatches

_DEEPEST = 64


def validate(graph: Any, info: ObjectInfo) -> tuple[Fault, ...]:
    """Everything that `POST /prompt` would refuse, and what would surely fail at run time; () when nothing."""
    malformed = tuple(_malformed(graph))
    if malformed:
        return malformed
    unknown = tuple(_unknown(graph, info))
    if unknown:
        return unknown
    outputs = [key for key, node in graph.items() if info[node["class_type"]].get("output_node")]
    if not outputs:
        return (Fault("prompt_no_outputs", "nothing in it saves or shows anything"),)
    wires = wiring(graph, info, outputs)
    if wires.cycle:
        return (Fault("dependency_cycle", f"runs in a circle through {', '.join(wires.cycle[:5])}", wires.cycle[0]),)
    return tuple(_faults(graph, wires))


def _malformed(graph: Any) -> Iterator[Fault]:
    if not isinstance(graph, dict) or not graph:
        yield Fault("prompt_no_outputs", "there is no node in it")
        return
    if is_deeper_than(_DEEPEST, graph) or not is_finite(graph):
        yield Fault("graph_malformed", "is nested too deeply, or holds a number that is not finite")
        return
    for key, node in graph.items():
        if not isinstance(key, str) or not isinstance(node, dict) or not isinstance(node.get("inputs"), dict):
            yield Fault("graph_malformed", "is no node with a class and inputs", str(key))
        elif not isinstance(node.get("class_type"), str):
            yield Fault("missing_node_type", "has no class", key)


def _unknown(graph: Graph, info: ObjectInfo) -> Iterator[Fault]:
    for key, node in graph.items():
        if not isinstance(info.get(node["class_type"]), Mapping):
            yield Fault("missing_node_type", f"there is no node class {node['class_type']}", key)


def _faults(graph: Graph, wires: Wiring) -> Iterable[Fault]:
    bad = {(fault.node, fault.input) for fault in wires.faults}
    yield from wires.faults
    for key in wires.order:
        given = graph[key]["inputs"]
        yield from absent(key, wires.inputs[key], given)
        yield from literals(key, graph[key]["class_type"], wires.inputs[key], given)
    yield from (fault for fault in mismatches(graph, wires) if (fault.node, fault.input) not in bad)
