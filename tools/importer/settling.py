"""Switches set for good, and what then leads nowhere left out.

A template's switches choose between branches of which one is never run, though a server still asks for its files. Kept is
only a switch that puts a few-step LoRA in or leaves it out: that is a choice a person wants, quick or fine.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tools.graph import Graph
from tools.importer.numbers import live_side
from tools.importer.wiring import Link, Place, Wiring, as_link

SWITCH = "ComfySwitchNode"
_CHOSEN_TOGETHER = {"MODEL", "INT", "FLOAT", "SIGMAS"}
"""What a few-step LoRA brings along: the steps and the guidance that it is made for."""
_LIST, _LIST_PLACE = "CustomCombo", 1
"""A list of choices that an editor keeps; its second output is the place of the chosen one, counted from 0."""
_TYPES: Mapping[str, tuple[type, ...]] = {
    "INT": (int,),
    "FLOAT": (int, float),
    "BOOLEAN": (bool,),
    "STRING": (str,),
}


def settled(graph: Graph, info: Mapping[str, Any]) -> tuple[Graph, tuple[Place, ...]]:
    """The graph without notes, inputs that only an editor draws, and dead branches; and where quick or fine is chosen."""
    wiring = Wiring(_plain(graph, info), info)
    kept = _quick_switches(wiring)
    kept_nodes = {node for nodes in kept.values() for node in nodes}
    changed = copy.deepcopy(wiring.graph)
    for place, _ in wiring.links():
        end = _through(wiring, place, kept_nodes)
        changed[place.node]["inputs"][place.input] = _place_in_list(graph, end)
    return changed, tuple(kept)


def choices(graph: Graph, node: str) -> list[str]:
    """What a list of choices offers, from the graph as its editor wrote it; [] of any other node."""
    given = graph[node]["inputs"]
    if graph[node]["class_type"] != _LIST:
        return []
    return [str(value) for name, value in given.items() if name.startswith("option") and value]


def _plain(graph: Graph, info: Mapping[str, Any]) -> Graph:
    """Classes and inputs alone. Inputs that ComfyUI does not know are the editor's, and a value of another type in one
    that may be left out was written for another version: its own default does."""
    wiring = Wiring(graph, info)
    return {
        node: {
            "class_type": body["class_type"],
            "inputs": {
                name: copy.deepcopy(value)
                for name, value in body["inputs"].items()
                if body["class_type"] not in info or _is_known(wiring, Place(node, name))
            },
        }
        for node, body in graph.items()
    }


def _is_known(wiring: Wiring, place: Place) -> bool:
    spec = wiring.spec(place)
    if spec is None or wiring.link(place) is not None:
        return spec is not None
    return spec.required or isinstance(wiring.value(place), _TYPES.get(spec.type, (object,)))


def _place_in_list(graph: Graph, end: Any) -> Any:
    """The place of a fixed choice is a number: what counts it needs the editor's list no more."""
    link = as_link(end, graph)
    offered = choices(graph, link.node) if link is not None and link.slot == _LIST_PLACE else []
    chosen = graph[link.node]["inputs"].get("choice") if link is not None else None
    return offered.index(chosen) if chosen in offered else end


def _through(wiring: Wiring, place: Place, kept: set[str]) -> Any:
    """What an input is fed by when every switch that is not kept is a plain wire."""
    while (
        (link := wiring.link(place)) is not None and _is_switch(wiring, link.node) and link.node not in kept
    ):
        side = live_side(wiring, link.node)
        if side is None:
            break
        place = Place(link.node, side)
    return copy.deepcopy(wiring.value(place))


def _quick_switches(wiring: Wiring) -> dict[Place, list[str]]:
    """The yes-or-no places whose every switch belongs to the choice of a few-step LoRA, with those switches."""
    groups: dict[Place, list[str]] = defaultdict(list)
    for node in wiring.graph:
        link = wiring.link(Place(node, "switch")) if _is_switch(wiring, node) else None
        if link is not None and wiring.class_of(link.node) == "PrimitiveBoolean":
            groups[Place(link.node, "value")].append(node)
    return {place: nodes for place, nodes in groups.items() if _is_quick(wiring, place, nodes)}


def _is_quick(wiring: Wiring, place: Place, switches: list[str]) -> bool:
    kinds = {node: wiring.type_of(Link(node, 0)) for node in switches}
    models = [node for node in switches if kinds[node] == "MODEL"]
    only_read_by_switches = all(consumer.input == "switch" for consumer in wiring.consumers(place.node))
    if not models or not only_read_by_switches or not set(kinds.values()) <= _CHOSEN_TOGETHER:
        return False
    return all(_loras(wiring, node, "on_true") > _loras(wiring, node, "on_false") for node in models)


def _loras(wiring: Wiring, switch: str, side: str) -> set[str]:
    link = wiring.link(Place(switch, side))
    above = wiring.ancestors(link.node) if link else set()
    return {node for node in above if wiring.class_of(node).startswith("LoraLoader")}


def _is_switch(wiring: Wiring, node: str) -> bool:
    return wiring.class_of(node) == SWITCH
