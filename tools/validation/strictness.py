"""What a server takes and an author still does not mean: inputs that no node has, numbers of another kind. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tools.nodes import ObjectInfo, unfolded
from tools.validation.model import Fault, Graph

_KINDS: dict[str, tuple[type, ...]] = {"INT": (int,), "FLOAT": (int, float), "STRING": (str,), "BOOLEAN": (bool,)}

_OPEN = ("CustomCombo",)
"""Nodes that take more than they declare: this one's options and the chosen place come along, and its outputs need them."""


def careless(graph: Graph, info: ObjectInfo) -> tuple[Fault, ...]:
    """For a graph whose classes are all known: `input_unknown` and `kind_inexact` (the server converts silently)."""
    return tuple(fault for key in graph for fault in _faults(key, graph, info))


def _faults(key: str, graph: Graph, info: ObjectInfo) -> Iterator[Fault]:
    kind, given = graph[key]["class_type"], graph[key]["inputs"]
    known = {one.name: one for one in unfolded(info[kind], given)}
    for name, value in given.items():
        one = known.get(name)
        if one is None and kind in _OPEN:
            continue
        if one is None:
            yield Fault("input_unknown", f"{kind} has no input {name}", key)
        elif one.type in _KINDS and not isinstance(value, list | dict) and not _is(value, one.type):
            yield Fault("kind_inexact", f"{value!r} is no {one.type}", key, name)


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "BOOLEAN" or not isinstance(value, bool))
