"""What a person's workflow may do on somebody's GPU: a list of node classes that are allowed, and why others are not. Pure.

Allowed is what ComfyUI itself brings, less the table below, plus what the operator names. Everything else is refused by
default: a custom node is a program of somebody's, and nothing in a workflow says what it does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.graph import Graph
from tools.nodes import CHOICE, Input, ObjectInfo, unfolded

OWN_NODES = "StationThis"
"""Begins the names of the embedded renderer's nodes, which are ours."""

_WRITES_MODELS = "writes a model file to the server"
_READS_FOLDERS = "reads a whole folder of the server"
_WRITES_FOLDERS = "writes a folder of files to the server"
_OTHERS = "reads what others have made there"
_TRAINS = "trains a model; that is no picture, and takes hours"
_UNHEARD = "sends its picture over a socket where nobody listens; save it with SaveImage instead"
_LATENT = "keeps its result in a form that no other tool takes; decode and save it as a picture"

#: Classes of ComfyUI itself that are refused, and why.
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(
        ("CLIPSave", "CheckpointSave", "ImageOnlyCheckpointSave", "LoraSave", "ModelSave", "SaveLoRA", "SaveLoRANode", "VAESave"),
        _WRITES_MODELS,
    ),
    **dict.fromkeys(
        (
            "LoadImageDataSetFromFolder", "LoadImageTextDataSetFromFolder", "LoadTrainingDataset",
            "LoadVideoDataSetFromFolder", "LoadVideoTextDataSetFromFolder", "LoadImageSetFromFolderNode",
            "LoadImageTextSetFromFolderNode",
        ),
        _READS_FOLDERS,
    ),
    **dict.fromkeys(
        ("SaveImageDataSetToFolder", "SaveImageTextDataSetToFolder", "SaveTrainingDataset"), _WRITES_FOLDERS
    ),
    **dict.fromkeys(("TrainLoraNode", "LossGraphNode", "MakeTrainingDataset", "LoraModelLoader"), _TRAINS),
    "LoadImageOutput": _OTHERS,
    "LoadLatent": _OTHERS,
    "SaveLatent": _LATENT,
    "SaveImageWebsocket": _UNHEARD,
}  # fmt: skip

_PAID = "calls a paid service in somebody's name"
_UNKNOWN = "is no node of ComfyUI itself; an operator may allow it"

_FILE_NAMES = re.compile(r"file|path|folder|director|prefix|^(image|audio|video|mask|model)$", re.I)
_ELSEWHERE = re.compile(r"(^|[\\/])\.\.([\\/]|$)|^[\\/~]|^[A-Za-z]:|\0|\[(output|temp)\]\s*$|^\w+://")

#: Numbers by the input's name -> the most that one run may ask for.
MOST = {
    "width": 16_384, "height": 16_384, "batch_size": 64, "length": 2_000, "frames": 2_000, "num_frames": 2_000,
    "steps": 1_000, "megapixels": 256, "amount": 512, "repeats": 64,
}  # fmt: skip
MOST_NODES = 1_000


@dataclass(frozen=True)
class Refusal:
    """Why a workflow is not taken. `message` may quote the person's file: it is for them, never for a log."""

    code: str
    message: str
    node: str | None = None
    class_type: str | None = None


def refusals(
    graph: Graph, info: ObjectInfo, core: Collection[str], allowed: Collection[str] = ()
) -> tuple[Refusal, ...]:
    """Everything that speaks against running this graph; empty when nothing does.

    `info` says what the nodes take, `core` are the classes that ComfyUI itself has, `allowed` those that an operator adds.
    """
    if len(graph) > MOST_NODES:
        return (Refusal("workflow_too_large", f"The workflow has more than {MOST_NODES} nodes."),)
    return tuple(_found(graph, info, frozenset(core), frozenset(allowed)))


def _found(
    graph: Graph, info: ObjectInfo, core: frozenset[str], allowed: frozenset[str]
) -> Iterator[Refusal]:
    for key, node in graph.items():
        name = str(node["class_type"])
        why = why_not(name, info, core, allowed)
        if why is not None:
            yield Refusal("node_not_allowed", f"Node {key}, {name}, {why}.", key, name)
            continue
        yield from _values(key, name, node["inputs"], info.get(name, {}))


def why_not(
    class_type: str, info: ObjectInfo, core: Collection[str], allowed: Collection[str] = ()
) -> str | None:
    """Why a node class is not allowed, as the end of a sentence; None when it is."""
    if class_type in REFUSED and class_type not in allowed:
        return REFUSED[class_type]
    if (info.get(class_type) or {}).get("api_node"):
        return _PAID
    if class_type in core or class_type in allowed or class_type.startswith(OWN_NODES):
        return None
    return _UNKNOWN


def _values(key: str, class_type: str, given: Mapping[str, Any], entry: Any) -> Iterator[Refusal]:
    known = {one.name: one for one in unfolded(entry, given)} if entry else {}
    for name, value in given.items():
        last = name.rpartition(".")[2]
        if isinstance(value, str) and _names_a_file(last, known.get(name)) and _ELSEWHERE.search(value):
            message = f"Node {key}, {class_type}: {name} names a file outside its folder."
            yield Refusal("path_not_allowed", message, key, class_type)
        if _is_number(value) and value > MOST.get(last, value):
            message = f"Node {key}, {class_type}: {name} is {value:g}; at most {MOST[last]} is allowed."
            yield Refusal("value_too_large", message, key, class_type)


def _names_a_file(name: str, one: Input | None) -> bool:
    """A choice is a file of the server's, unless it is none; a text may be anybody's words, unless it is called a file."""
    if one is not None and one.type == CHOICE:
        return True
    return _FILE_NAMES.search(name) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
