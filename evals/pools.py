"""What instances a case is planned for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from evals.model import PoolCase
from tools.model import Capabilities, KindOfInstance, Tool
from tools.rules import MODEL_FOLDERS, OWN_NODES

NAMES: tuple[PoolCase, ...] = get_args(PoolCase)
NEWEST = "99.0.0"
VRAM_GB = 192.0
CARD = KindOfInstance("a 192 GB GPU", disk_bytes=2 * 10**12)


def pool(name: PoolCase, tools: Sequence[Tool], here: Sequence[Capabilities]) -> tuple[Capabilities, ...]:
    """The instances; beside a real one the embedded renderer does plain picture work, as in the house."""
    if name == "here":
        return tuple(here)
    nodes = _nodes(tools)
    helpers = tuple(Capabilities(known.nodes, known.models, samplers=False) for known in here if known.sketch)
    if name == "rented":
        return (*helpers, Capabilities(nodes, comfyui=NEWEST, vram_gb=VRAM_GB, kind=CARD))
    files = _files(tools) if name == "full" else {}
    return (Capabilities(nodes, files, comfyui=NEWEST, vram_gb=VRAM_GB), *helpers)


def _nodes(tools: Sequence[Tool]) -> frozenset[str]:
    """Every node of any graph, but for our own."""
    graphs = [implementation.graph for tool in tools for implementation in tool.implementations]
    classes = {node["class_type"] for graph in graphs for node in graph.values()}
    return frozenset(name for name in classes if not name.startswith(OWN_NODES))


def _files(tools: Sequence[Tool]) -> dict[str, frozenset[str]]:
    """Every file that some graph names, and one more where any would do."""
    files: dict[str, set[str]] = {folder: {f"any-{folder}.safetensors"} for folder in MODEL_FOLDERS.values()}
    for model in (model for tool in tools for each in tool.implementations for model in each.models):
        files.setdefault(model.folder, set()).add(model.file)
    return {folder: frozenset(names) for folder, names in files.items()}
