"""What makes two steps the same work: pure functions of a graph bound as if its step ran alone.

The key names neither nodes nor files. A node is known by what it does and by what enters it, down to its loaders, so that
ids and the order of keys say nothing; inputs stand in the graph by the hash of their bytes, weight files beside what the
registry knows of them. The result is an HMAC under a secret of the account: nobody can tell from it what was made, nor
that two people made the same.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from typing import Any

Graph = Mapping[str, Mapping[str, Any]]
OWN_NODES = "StationThis"
READS_THE_MOMENT = frozenset({
    "WebcamCapture", "RecordAudio", "LoadImageOutput", "LoadLatent", "LoadImageDataSetFromFolder",
    "LoadImageTextDataSetFromFolder", "LoadTrainingDataset", "LoadVideoDataSetFromFolder", "LoadVideoTextDataSetFromFolder",
})  # fmt: skip
"""Nodes of ComfyUI's own that give what happens to be there, whatever the graph says."""
_PURPOSE = b"stationthis step cache 1"


class NotComparable(ValueError):
    """The graph says too little of what comes out."""


def is_determined(graph: Graph, core: Collection[str]) -> bool:
    """Whether the graph alone decides what comes out: nodes of ComfyUI's own, of `core`, or ours. All of these that draw
    numbers take a seed; what an operator's own nodes do, or one that asks a service, nobody knows."""
    classes = {node["class_type"] for node in graph.values()}
    return all((name in core and name not in READS_THE_MOMENT) or name.startswith(OWN_NODES) for name in classes)


def secret_of(account_key: bytes) -> bytes:
    """The secret that an account's keys are made with; it cannot be turned back, and is used for nothing else."""
    return hmac.digest(account_key, _PURPOSE, "sha256")


def step_key(
    secret: bytes, tool: str, version: int, graph: Graph, outputs: Mapping[str, str], files: Mapping[str, str], *, sketch: bool
) -> str:
    """64 hexadecimal digits. `outputs` are the nodes that save by port, `files` what is known of weight files by name,
    `sketch` says that samplers only paint. Raises NotComparable for a graph that runs in a circle or hangs in the air."""
    nodes = _digests(graph, files)
    try:
        ports = sorted((port, nodes[node]) for port, node in outputs.items())
    except KeyError:
        raise NotComparable from None
    content = _canonical([tool, version, sketch, ports, sorted(nodes.values())])
    return hmac.new(secret, content, "sha256").hexdigest()


def _digests(graph: Graph, files: Mapping[str, str]) -> dict[str, str]:
    """Node id -> hash of what the node does and of all that comes before it."""
    links = {name: _sources(node, graph) for name, node in graph.items()}
    found: dict[str, str] = {}
    try:
        for name in TopologicalSorter(links).static_order():
            node = graph[name]
            inputs = {key: _meant(value, graph, found, files) for key, value in node["inputs"].items()}
            found[name] = sha256(_canonical([node["class_type"], inputs])).hexdigest()
    except CycleError:
        raise NotComparable from None
    return found


def _sources(node: Mapping[str, Any], graph: Graph) -> set[str]:
    return {value[0] for value in node["inputs"].values() if _is_link(value, graph)}


def _meant(value: Any, graph: Graph, found: Mapping[str, str], files: Mapping[str, str]) -> Any:
    """An input with nothing in it that is only a name. What kind it is stands before it, so that no text can pose as a link."""
    if _is_link(value, graph):
        return ["link", found[value[0]], value[1]]
    if isinstance(value, str) and value in files:
        return ["file", value, files[value]]
    return ["value", value]


def _is_link(value: Any, graph: Graph) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and value[0] in graph


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
