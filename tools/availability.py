"""Whether an instance can run a tool, and if not what is missing. Pure.

Nodes and model files decide, and the GPU's memory where both sides of it are known. An instance that could be started
counts as having every file that it may download; what that takes stands in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tools import gaps
from tools import graph as graphs
from tools.loras.insertion import NODES as LOADING
from tools.loras.model import PARAM, uses
from tools.model import (
    NOBODY,
    Availability,
    Capabilities,
    Estimate,
    Gap,
    Implementation,
    KindOfInstance,
    ModelFile,
    Tool,
)

OWN_NODES = "StationThis"  # begins the names of the embedded renderer's nodes, which no ComfyUI has
MODEL_FOLDERS = {"checkpoint": "checkpoints", "upscale_model": "upscale_models"}


def availability(tool: Tool, instances: Sequence[Capabilities]) -> Availability:
    """Whether some instance has, or one that could be started would have, what some implementation needs; else the gap."""
    if tool.withheld is not None:
        return Availability(False, reason=tool.withheld)
    for instance in (*_there(instances), *_startable(instances)):
        chosen = choose_implementation(tool, instance, {})
        if chosen is not None:
            prepares = None if instance.kind is None else preparation(instance.kind, chosen.models)
            sketch = instance.sketch and tool.generative
            return Availability(True, implementation=chosen.name, sketch=sketch, prepares=prepares)
    gap, reason = _lack(tool, instances)
    return Availability(False, reason=reason, gap=gap)


def anything_known(instances: Sequence[Capabilities]) -> bool:
    """Whether there is any instance, here or to be started, to plan for."""
    return any(instance != NOBODY for instance in instances)


def choose_implementation(
    tool: Tool, instance: Capabilities, params: Mapping[str, Any]
) -> Implementation | None:
    """The first implementation that this instance can run with these parameters, or None.

    Core nodes are listed before our own in every tool, so that they are preferred where the instance has them.
    """
    if tool.withheld is not None or (tool.generative and not instance.samplers) or gaps.too_small(tool, instance):
        return None
    changed = {
        name for name, value in params.items() if name in tool.params and value != tool.params[name].default
    }
    for implementation in tool.implementations:
        if implementation.only_params is not None and not (
            changed and changed <= set(implementation.only_params)
        ):
            continue
        if _fits(tool, implementation, instance, params):
            return implementation
    return None


def missing_files(
    tool: Tool, implementation: Implementation, instance: Capabilities, params: Mapping[str, Any]
) -> list[ModelFile]:
    """Each model file that the instance does not list and would not download; `*` where any of the folder would do."""
    missing = [model for model in implementation.models if not _has(instance, model)]
    if missing and instance.kind is not None and not _too_much(instance.kind, missing):
        missing = [model for model in missing if model.url is None or model.gated]
    for name in sorted(_names(implementation) & set(tool.params)):
        if tool.params[name].type != "model":
            continue
        folder, wanted = MODEL_FOLDERS[name], params.get(name)
        listed = instance.models.get(folder, frozenset())
        if not listed or (wanted and wanted not in listed):
            missing.append(ModelFile(file=wanted or "*", folder=folder))
    called = [ModelFile(file=lora.file, folder="loras") for lora in uses(params)]
    return missing + [file for file in called if not _has(instance, file)]


def preparation(kind: KindOfInstance, files: Iterable[ModelFile]) -> Estimate:
    """What it takes until such an instance can start on work that needs these files."""
    size = sum(file.bytes or 0 for file in {(file.folder, file.file): file for file in files}.values())
    slow, fast = kind.bytes_per_s
    low, high = kind.boot_s[0] + size / fast, kind.boot_s[1] + size / slow
    return Estimate(
        credits=(round(low * kind.credits_per_s, 2), round(high * kind.credits_per_s, 2)),
        seconds=(round(low, 1), round(high, 1)),
    )


def _there(instances: Sequence[Capabilities]) -> list[Capabilities]:
    return [instance for instance in instances if instance.kind is None]


def _startable(instances: Sequence[Capabilities]) -> list[Capabilities]:
    return [instance for instance in instances if instance.kind is not None]


def _fits(
    tool: Tool, implementation: Implementation, instance: Capabilities, params: Mapping[str, Any]
) -> bool:
    classes = _classes(implementation) | (LOADING if params.get(PARAM) else frozenset())
    if (
        instance.unknown
    ):  # nothing is known, so nothing special is promised: no named weights, no nodes of our own
        named = implementation.models or params.get(PARAM)
        return not named and not any(name.startswith(OWN_NODES) for name in classes)
    return classes <= instance.nodes and not missing_files(tool, implementation, instance, params)


def _has(instance: Capabilities, model: ModelFile) -> bool:
    """ComfyUI on Windows lists subfolders with backslashes."""
    listed = instance.models.get(model.folder, frozenset())
    return model.file in listed or ("/" in model.file and model.file.replace("/", "\\") in listed)


def _too_much(kind: KindOfInstance, files: Sequence[ModelFile]) -> bool:
    return sum(file.bytes or 0 for file in files) > kind.disk_bytes


def _lack(tool: Tool, instances: Sequence[Capabilities]) -> tuple[Gap, str]:
    """What would have to be added, to the instance that lacks the least."""
    real = [i for i in instances if not i.unknown and i != NOBODY and (not tool.generative or (i.samplers and not i.sketch))]
    lacks = [
        (gaps.weight(gap), number, gap, instance)
        for instance in real
        for number, gap in enumerate(_gaps_on(tool, instance))
    ]
    if not lacks:
        gap = _gap_of_all(tool)
        if NOBODY in instances:
            return gap, "no worker has run yet, so nobody knows what the render servers can do"
        return gap, gaps.without_server(tool, gap)
    _, _, gap, instance = min(lacks, key=lambda lack: lack[:2])
    return gap, gaps.in_words(gap, instance)


def _gaps_on(tool: Tool, instance: Capabilities) -> list[Gap]:
    """A gap for each implementation that serves whatever the parameters are; one without files where there is no graph."""
    vram = gaps.gpu(tool.vram_gb) if gaps.too_small(tool, instance) else None
    usable = [i for i in tool.implementations if i.only_params is None]
    if not usable:
        return [gaps.made((), (), vram, tool.min_comfyui or "")]
    found = []
    for implementation in usable:
        nodes = tuple(sorted(_classes(implementation) - instance.nodes))
        files = tuple(missing_files(tool, implementation, instance, {}))
        newer = tool.min_comfyui if nodes and gaps.older(instance.comfyui, tool.min_comfyui) else None
        found.append(gaps.made(nodes, files, vram, newer))
    return found


def _gap_of_all(tool: Tool) -> Gap:
    """Where nothing is there at all: everything."""
    files = tool.implementations[0].models if tool.implementations else ()
    return gaps.made((), files, gaps.gpu(tool.vram_gb), None if tool.implementations else tool.min_comfyui or "")


def _classes(implementation: Implementation) -> frozenset[str]:
    return _facts(_Same(implementation))[0]


def _names(implementation: Implementation) -> frozenset[str]:
    return _facts(_Same(implementation))[1]


class _Same:
    """An implementation by identity: its graph is a dict, which has no hash."""

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation

    def __hash__(self) -> int:
        return id(self.implementation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.implementation is self.implementation


@lru_cache(maxsize=4096)
def _facts(same: _Same) -> tuple[frozenset[str], frozenset[str]]:
    """The classes and `$names` of a graph, read once."""
    return graphs.node_classes(same.implementation), graphs.names(same.implementation)
