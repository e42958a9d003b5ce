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
from tools.importer.wiring import Link, Place, Wiring

SWITCH = "ComfySwitchNode"
_CHOSEN_TOGETHER = {"MODEL", "INT", "FLOAT", "SIGMAS"}
"""What a few-step LoRA brings along: the steps and the guidance that it is made for."""
_LISTS_ITS_CHOICES = "CustomCombo"
"""Its options are no inputs to ComfyUI, yet its second output depends on them."""


def settled(graph: Graph, info: Mapping[str, Any]) -> tuple[Graph, tuple[Place, ...]]:
    """The graph without notes, inputs that only an editor draws, and dead branches; and where quick or fine is chosen."""
    wiring = Wiring(_plain(graph, info), info)
    kept = _quick_switches(wiring)
    kept_nodes = {node for nodes in kept.values() for node in nodes}
    changed = copy.deepcopy(wiring.graph)
    for place, _ in wiring.links():
        end = _through(wiring, place, kept_nodes)
        changed[place.node]["inputs"][place.input] = end
    return changed, tuple(kept)


def _plain(graph: Graph, info: Mapping[str, Any]) -> Graph:
    """Classes and inputs alone; inputs that ComfyUI does not know are the editor's."""
    wiring = Wiring(graph, info)
    return {
        node: {
            "class_type": body["class_type"],
            "inputs": {
                name: copy.deepcopy(value)
                for name, value in body["inputs"].items()
                if body["class_type"] not in info
                or body["class_type"] == _LISTS_ITS_CHOICES
                or wiring.spec(Place(node, name)) is not None
            },
        }
        for node, body in graph.items()
    }


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
