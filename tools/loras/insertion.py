"""Load LoRAs into a graph: a chain of loader nodes behind every model loader that feeds a sampler. Pure.

Of a graph with two experts (high and low noise) each gets the chain; a LoRA whose file names an expert goes into that one
alone. Where the same loader gives the text encoder that is in use, as a checkpoint of SDXL does, the chain carries it too;
families with encoders of their own get the loader for the model only. Keys of the graph stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.loras.errors import BadLora
from tools.loras.model import LoraUse
from tools.model import Tool
from tools.registry.families import family_of, fits

Graph = Mapping[str, Mapping[str, Any]]

LOADERS = {
    "UNETLoader": "unet_name", "CheckpointLoaderSimple": "ckpt_name", "CheckpointLoader": "ckpt_name",
    "unCLIPCheckpointLoader": "ckpt_name", "ImageOnlyCheckpointLoader": "ckpt_name", "DiffusersLoader": "model_path",
}  # fmt: skip
"""Nodes that bring a diffusion model as their first output, and the input that names its file."""
_WITH_ENCODER = frozenset({"CheckpointLoaderSimple", "CheckpointLoader", "unCLIPCheckpointLoader", "DiffusersLoader"})
_SAMPLES = re.compile(r"Sampler|Guider")
_EXPERT = re.compile(r"(high|low)[_-]?noise", re.IGNORECASE)
NODES = frozenset({"LoraLoader", "LoraLoaderModelOnly"})


def places(graph: Graph, base: str | None) -> tuple[str, ...]:
    """Keys of the loaders behind which LoRAs of a family go, in the graph's order."""
    return tuple(
        key
        for key, node in graph.items()
        if node["class_type"] in LOADERS and _is_of(node, base) and _samples(graph, key)
    )


def takes(tool: Tool) -> bool:
    """Whether LoRAs can be loaded into some graph of the tool."""
    return any(places(implementation.graph, tool.base) for implementation in tool.implementations)


def inserted(graph: Graph, loras: Sequence[LoraUse], base: str | None) -> dict[str, dict[str, Any]]:
    """The graph with the LoRAs loaded, in their order. Raises BadLora when it has no place for one."""
    made = {key: {**node, "inputs": dict(node["inputs"])} for key, node in graph.items()}
    if not loras:
        return made
    where = places(graph, base)
    for lora in loras:
        if not any(_is_expert(graph[key], lora) for key in where):
            raise BadLora("This graph has no place for a LoRA.")
    for key in where:
        _chain(made, key, [lora for lora in loras if _is_expert(graph[key], lora)])
    return made


def _chain(graph: dict[str, dict[str, Any]], key: str, loras: Sequence[LoraUse]) -> None:
    """Put a chain behind one loader: whoever read from it reads from the chain's end."""
    encoder = graph[key]["class_type"] in _WITH_ENCODER and _is_read(graph, key, 1)
    readers = [(node, name) for node in graph.values() for name, value in node["inputs"].items() if _reads(value, key, encoder)]
    end = key
    for number, lora in enumerate(loras, 1):
        inputs: dict[str, Any] = {"model": [end, 0], "lora_name": lora.file, "strength_model": lora.weight}
        if encoder:
            inputs |= {"clip": [end, 1], "strength_clip": lora.weight}
        end = _free(graph, f"{key}_lora{number}")
        graph[end] = {"class_type": "LoraLoader" if encoder else "LoraLoaderModelOnly", "inputs": inputs}
    for node, name in readers:
        node["inputs"][name] = [end, node["inputs"][name][1]]


def _reads(value: Any, key: str, encoder: bool) -> bool:
    slots = (0, 1) if encoder else (0,)
    return _is_link(value) and value[0] == key and value[1] in slots


def _is_read(graph: Graph, key: str, slot: int) -> bool:
    return any(list(value) == [key, slot] for node in graph.values() for value in node["inputs"].values() if _is_link(value))


def _samples(graph: Graph, key: str) -> bool:
    """Whether what the loader brings as a model reaches a sampler."""
    first = [name for name, node in graph.items() if any(_reads(v, key, False) for v in node["inputs"].values())]
    seen = set(first)
    for name in first:  # grows while it is read
        if _SAMPLES.search(graph[name]["class_type"]):
            return True
        following = (n for n, node in graph.items() if any(_is_link(v) and v[0] == name for v in node["inputs"].values()))
        new = [n for n in following if n not in seen]
        seen.update(new)
        first.extend(new)
    return False


def _is_of(node: Mapping[str, Any], base: str | None) -> bool:
    """Whether the file that it loads is of the family; a file whose name tells nothing is taken to be."""
    file = str(node["inputs"].get(LOADERS[node["class_type"]], ""))
    family = family_of(file)
    return "refiner" not in file.lower() and (base is None or family is None or fits(base, family) or fits(family, base))


def _is_expert(node: Mapping[str, Any], lora: LoraUse) -> bool:
    of_file = _EXPERT.search(str(node["inputs"].get(LOADERS[node["class_type"]], "")))
    of_lora = _EXPERT.search(lora.file)
    return of_file is None or of_lora is None or of_file[1].lower() == of_lora[1].lower()


def _is_link(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str)


def _free(graph: Graph, key: str) -> str:
    while key in graph:
        key += "_"
    return key
