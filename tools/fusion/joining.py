"""Graphs joined where one loads what another saves. Pure.

The loader goes, and whoever listened to it listens to what the saver saves. The saver stays, so that an inner result is
still kept. Only exact where the file would have changed nothing but the last of 8 bits: see `pictures`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tools.fusion.model import Fused, Graph, NotFusable, Part, Taken, named
from tools.fusion.pictures import Picture, picture_of
from tools.fusion.sharing import shared
from tools.model import Size

_PICK = "ImageFromBatch"
_TO_MASK = "ImageToMask"
_CHANNELS = frozenset({"red", "green", "blue"})


class Joining:
    """Parts are added under numbers of their own, in an order in which they can run; `nodes` are the classes that the
    instance has, `files` the sizes of the pictures that are sent there, by name."""

    def __init__(self, nodes: Collection[str], files: Mapping[str, Size]) -> None:
        self._nodes, self._files = nodes, files
        self._graph: dict[str, dict[str, Any]] = {}
        self._outputs: dict[int, dict[str, str]] = {}

    def picture(self, taken: Taken) -> Picture:
        """What a later part would get. Raises NotFusable when that may differ from what a file would give."""
        _, found = self._saved(taken)
        count = found.count if taken.which is None and found.count == 1 else 1
        return Picture(found.size, count)

    def add(self, number: int, part: Part) -> None:
        """Raises NotFusable; then nothing was added."""
        fresh = {named(number, node_id): _renamed(node, number) for node_id, node in part.graph.items()}
        for node_id, node in list(fresh.items()):
            for name, value in node["inputs"].items():
                if isinstance(value, Taken):
                    self._replace(fresh, node_id, name, value)
        self._graph |= fresh
        self._outputs[number] = {port: named(number, node) for port, node in part.outputs.items()}

    def fused(self) -> Fused:
        """What was added, as one graph that does nothing twice."""
        kept = {node for outputs in self._outputs.values() for node in outputs.values()}
        return Fused(shared(self._graph, kept), dict(self._outputs))

    def joined(self) -> Fused:
        """The same with every node that the parts had."""
        return Fused(dict(self._graph), dict(self._outputs))

    def _replace(self, fresh: dict[str, dict[str, Any]], node_id: str, name: str, taken: Taken) -> None:
        """Put the picture itself where its file would be loaded."""
        source, found = self._saved(taken)
        node = fresh.pop(node_id)
        if taken.which is not None or found.count != 1:
            source = self._pick(fresh, node_id, source, taken.which or 0)
        match node["class_type"], name:
            case "LoadImage", "image":
                _relink(fresh, node_id, {0: source})
            case "LoadImageMask", "image" if node["inputs"].get("channel") in _CHANNELS:
                self._have(_TO_MASK)
                fresh[node_id] = {"class_type": _TO_MASK, "inputs": {"image": source, "channel": node["inputs"]["channel"]}}
            case other, _:
                raise NotFusable(f"{other} reads its file in a way of its own")

    def _pick(self, fresh: dict[str, dict[str, Any]], node_id: str, source: list[Any], index: int) -> list[Any]:
        self._have(_PICK)
        picked = f"{node_id}.picked"
        fresh[picked] = {"class_type": _PICK, "inputs": {"image": source, "batch_index": index, "length": 1}}
        return [picked, 0]

    def _have(self, node: str) -> None:
        if node not in self._nodes:
            raise NotFusable(f"there is no {node}")

    def _saved(self, taken: Taken) -> tuple[list[Any], Picture]:
        saver = self._graph[self._outputs[taken.part][taken.port]]
        return source_of(self._graph, saver, taken.which, self._files)


def source_of(
    graph: Graph, saver: Mapping[str, Any], index: int | None, files: Mapping[str, Size] | None = None
) -> tuple[list[Any], Picture]:
    """The link that a saver saves and what is known of it. Raises NotFusable."""
    source = saver["inputs"].get("images")
    if saver["class_type"] != "SaveImage" or not isinstance(source, list):
        raise NotFusable(f"{saver['class_type']} may change what it saves")
    found = picture_of(graph, source, files)
    if found is None:
        raise NotFusable("what is saved may have transparency, or more than 8 bits hold")
    if index and (found.count is None or index >= found.count):
        raise NotFusable("there may not be so many pictures")
    return source, found


def fits(made: Graph, saver: str, used: Graph, port: str) -> bool:
    """Whether a template that uses `$port` could be joined to one that saves with this node, as far as templates tell."""
    try:
        source_of(made, made[saver], None)
    except NotFusable:
        return False
    return all(_loads(used, node_id) for node_id, node in used.items() if f"${port}" in _texts(node))


def _texts(node: Mapping[str, Any]) -> list[str]:
    return [value for value in node["inputs"].values() if isinstance(value, str)]


def _loads(graph: Graph, node_id: str) -> bool:
    node = graph[node_id]
    if node["class_type"] == "LoadImageMask":
        return node["inputs"].get("channel") in _CHANNELS
    return node["class_type"] == "LoadImage" and not _listens(graph, node_id, 1)


def _listens(graph: Graph, node_id: str, slot: int) -> bool:
    return any([node_id, slot] == value for node in graph.values() for value in node["inputs"].values())


def _renamed(node: Mapping[str, Any], number: int) -> dict[str, Any]:
    inputs = {name: _link(value, number) for name, value in node["inputs"].items()}
    return {"class_type": node["class_type"], "inputs": inputs}


def _link(value: Any, number: int) -> Any:
    return [named(number, value[0]), value[1]] if isinstance(value, list) and len(value) == 2 else value


def _relink(graph: dict[str, dict[str, Any]], gone: str, slots: Mapping[int, Sequence[Any]]) -> None:
    """Whoever listened to `gone` listens elsewhere. Raises NotFusable for an output that has no other source."""
    for node_id, node in graph.items():
        for name, value in node["inputs"].items():
            if isinstance(value, list) and len(value) == 2 and value[0] == gone:
                if value[1] not in slots:
                    raise NotFusable("the transparency of its input is used")
                node = {**node, "inputs": {**node["inputs"], name: list(slots[value[1]])}}
                graph[node_id] = node
