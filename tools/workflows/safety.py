"""What a person's workflow may do on somebody's GPU: a list of node classes that are allowed, and why others are not. Pure.

Allowed is what ComfyUI itself brings, less the table below, plus what the operator names. Everything else is refused by
default: a custom node is a program of somebody's, and nothing in a workflow says what it does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.graph import Graph, name_in
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
_ELSEWHERE = re.compile(r"(^|[\\/])\.\.([\\/]|$)|^\s*[\\/~]|^\s*[A-Za-z]:|\0|\[(output|temp)\]\s*$|^\s*\w+://")
_UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload")

#: Numbers by the input's name -> the most that one run may ask for.
MOST = {
    "width": 16_384, "height": 16_384, "batch_size": 64, "length": 2_000, "frames": 2_000, "num_frames": 2_000,
    "steps": 1_000, "megapixels": 256, "amount": 512, "repeats": 64,
}  # fmt: skip
_TAKES_A_PART = re.compile(r"Cut|FromBatch|Rebatch|Crop|Trim")
"""Nodes that give no more than they get, whatever their numbers say."""
MOST_PIXELS = 2**30
"""Width by height by frames and by pictures of one node: half an hour of film at a quarter of full HD."""
MOST_NODES = 500
"""More than twice what the largest official template has."""


@dataclass(frozen=True)
class Refusal:
    """Why a workflow is not taken. `message` may quote the person's file: it is for them, never for a log."""

    code: str
    message: str = field(repr=False)
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


def left_open(graph: Graph, info: ObjectInfo) -> tuple[Refusal, ...]:
    """Of a traced graph: loaders whose file is no input port. They would read what somebody else brought to the server."""
    return tuple(
        Refusal(
            "file_not_an_input", f"Node {key}, {node['class_type']}: {name} stays a file of the server.", key, node["class_type"]
        )
        for key, node in graph.items()
        for name, one in _inputs(info.get(node["class_type"], {}), node["inputs"]).items()
        if _is_upload(one) and isinstance(value := node["inputs"].get(name), str) and value and name_in(value) is None
    )  # fmt: skip


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
    known = _inputs(entry, given)
    for name, value in given.items():
        one = known.get(name)
        if isinstance(value, list) and _is_worked_out(_last(name), one):
            message = f"Node {key}, {class_type}: {name} is computed; a file is named, never worked out."
            yield Refusal("path_not_allowed", message, key, class_type)
        elif isinstance(value, str) and _may_name_a_file(_last(name), one) and _ELSEWHERE.search(value):
            message = f"Node {key}, {class_type}: {name} names a file outside its folder."
            yield Refusal("path_not_allowed", message, key, class_type)
    yield from _too_much(key, class_type, given)


def _too_much(key: str, class_type: str, given: Mapping[str, Any]) -> Iterator[Refusal]:
    if _TAKES_A_PART.search(class_type):
        return
    numbers = {_last(name): value for name, value in given.items() if _is_number(value)}
    for name, value in numbers.items():
        if value > MOST.get(name, value):
            message = f"Node {key}, {class_type}: {name} is {value:g}; at most {MOST[name]} is allowed."
            yield Refusal("value_too_large", message, key, class_type)
    frames = max((numbers.get(name, 1) for name in ("length", "frames", "num_frames")), default=1)
    pixels = numbers.get("width", 0) * numbers.get("height", 0) * max(1, frames) * max(1, numbers.get("batch_size", 1))
    if pixels > MOST_PIXELS:
        yield Refusal("value_too_large", f"Node {key}, {class_type}: that many pixels are never made at once.", key, class_type)


def _inputs(entry: Any, given: Mapping[str, Any]) -> Mapping[str, Input]:
    return {one.name: one for one in unfolded(entry, given)} if entry else {}


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _may_name_a_file(name: str, one: Input | None) -> bool:
    """A choice may be a file of the server's; a text may be anybody's words, unless it is called a file."""
    return (one is not None and one.type == CHOICE) or _FILE_NAMES.search(name) is not None


def _is_worked_out(name: str, one: Input | None) -> bool:
    """Whether a link gives the name of a file. (Choices that are linked are not held against the server's list.)"""
    if one is None or one.type not in (CHOICE, "STRING"):
        return False
    return _is_upload(one) or _FILE_NAMES.search(name) is not None


def _is_upload(one: Input) -> bool:
    return any(one.options.get(upload) for upload in _UPLOADS)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
