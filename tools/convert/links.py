"""Where an input's value comes from: through reroutes, primitives, bypassed nodes and the borders of subgraphs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.convert.scopes import Scope
from tools.convert.workflow import BYPASSED, INPUTS, MUTED, Node, Socket
from tools.errors import LinkCycle, WorkflowTooLarge

REROUTE, PRIMITIVE, NOTES = "Reroute", "PrimitiveNode", ("Note", "MarkdownNote")
_MOST_HOPS = 300_000


@dataclass(frozen=True)
class Wire:
    """The output slot of a node that stays in the graph."""

    node: str
    slot: int


@dataclass(frozen=True)
class Literal:
    """A value that takes the place of the link."""

    value: Any


@dataclass(frozen=True, eq=False)
class _Place:
    """A link in a scope: what is looked at next."""

    scope: Scope
    link: int


@dataclass(frozen=True)
class _Border:
    """An input of an instance on the way: where nothing comes from outside, what it shows counts."""

    scope: Scope
    name: str


_Next = _Place | Wire | Literal | None


class Tracer:
    """Follows links. It counts its steps, so that no file can keep it busy for long."""

    def __init__(self) -> None:
        self._hops = 0

    def source(self, scope: Scope, link: int) -> Wire | Literal | None:
        """What that link brings; None when nothing does. Raises LinkCycle."""
        borders: list[_Border] = []
        seen: set[tuple[int, int]] = set()
        here: _Next = _Place(scope, link)
        while isinstance(here, _Place):
            key = (id(here.scope), here.link)
            if key in seen:
                raise LinkCycle(path=here.scope.path.rstrip(":"))
            seen.add(key)
            self._count()
            here = _beyond(here, borders)
        return here if here is not None else _shown(borders)

    def _count(self) -> None:
        self._hops += 1
        if self._hops > _MOST_HOPS:
            raise WorkflowTooLarge("Its links lead through too many nodes.", links=_MOST_HOPS)


def _shown(borders: Sequence[_Border]) -> Literal | None:
    """The outermost instance that keeps a value itself is right; else the inner widget speaks."""
    for border in reversed(borders):
        if border.name in border.scope.shown:
            return Literal(border.scope.shown[border.name])
    values = borders[-1].scope.promoted(borders[-1].name) if borders else ()
    return Literal(values[0]) if values else None


def _beyond(place: _Place, borders: list[_Border]) -> _Next:
    """One step towards the source; notes each border that is crossed outward."""
    link = place.scope.sheet.links.get(place.link)
    if link is None:
        return None
    if link.origin == INPUTS:
        return _outward(place.scope, link.origin_slot, borders)
    node = place.scope.sheet.nodes.get(link.origin)
    if node is None or node.mode == MUTED or node.type in NOTES:
        return None
    if node.mode == BYPASSED:
        return _through(place.scope, _passage(node, link.origin_slot))
    if node.type == REROUTE:
        return _through(place.scope, node.inputs[0] if node.inputs else None)
    if node.type == PRIMITIVE:
        return Literal(node.values[0]) if node.values else None
    if node.id in place.scope.inside:
        return _inward(place.scope.inside[node.id], link.origin_slot)
    return Wire(f"{place.scope.path}{node.id}", link.origin_slot)


def _outward(scope: Scope, slot: int, borders: list[_Border]) -> _Next:
    instance = scope.instance
    if instance is None or not 0 <= slot < len(instance.definition.inputs):
        return None
    name = instance.definition.inputs[slot][0]
    borders.append(_Border(scope, name))
    return _through(instance.outside, instance.node.sockets.get(name))


def _inward(scope: Scope, slot: int) -> _Next:
    outputs = scope.instance.definition.outputs if scope.instance else ()
    link = outputs[slot] if 0 <= slot < len(outputs) else None
    return None if link is None else _Place(scope, link)


def _through(scope: Scope, socket: Socket | None) -> _Next:
    return None if socket is None or socket.link is None else _Place(scope, socket.link)


def _passage(node: Node, slot: int) -> Socket | None:
    """The input that a bypassed node hands on: the one beside the output if it fits, else the first of the same type, else
    the first that fits at all."""
    if not 0 <= slot < len(node.outputs):
        return None
    wanted = node.outputs[slot]
    beside = node.inputs[slot] if slot < len(node.inputs) else None
    if beside is not None and wanted in (beside.type, "*"):
        return beside
    same = (socket for socket in node.inputs if socket.type == wanted)
    fitting = (socket for socket in node.inputs if _fit(socket.type, wanted))
    return next(same, None) or next(fitting, None)


def _fit(one: str, other: str) -> bool:
    return "*" in (one, other) or bool(set(one.split(",")) & set(other.split(",")))
