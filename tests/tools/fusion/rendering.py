"""Graphs run in this process by the embedded renderer, as its worker would run them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from executor.renderer.cache import Cache
from executor.renderer.config import Config
from executor.renderer.execution import Execution
from executor.renderer.files import Folders
from executor.renderer.jobs import Job
from executor.renderer.nodes.registry import Node, Registry
from executor.renderer.nodes.table import all_nodes
from executor.renderer.values import Image, Result
from executor.renderer.ws import Hub
from tools.model import Capabilities

Pixels = NDArray[np.uint8]


def through_eight_bits(scene: Any, image: Image) -> Result:
    """What a picture is after it was saved and loaded."""
    return Result((np.clip(255.0 * image, 0, 255).astype(np.uint8).astype(np.float32) / np.float32(255),))


@dataclass
class Kiln:
    """`fired` counts the nodes that were run."""

    folder: Path
    fired: int = 0
    _cache: Cache = field(default_factory=Cache)

    def __post_init__(self) -> None:
        self._folders = Folders(self.folder)
        self._folders.prepare()
        self._config = Config(self.folder, preview=False)
        file = Node("ThroughAFile", "", "", {"image": ["IMAGE"]}, ("IMAGE",), through_eight_bits)
        self._registry = Registry([*all_nodes(self._config), file], self._folders)

    @property
    def capabilities(self) -> Capabilities:
        nodes = frozenset(node.name for node in all_nodes(self._config))
        return Capabilities(nodes, {"checkpoints": frozenset(self._config.checkpoints)}, sketch=True)

    def put(self, name: str, pixels: Pixels) -> str:
        """A file that LoadImage finds by this name."""
        PIL.Image.fromarray(pixels).save(self._folders.of("input") / name)
        return name

    def run(self, graph: dict[str, dict[str, Any]]) -> dict[str, list[Pixels]]:
        """Node id -> the pictures that it saved."""
        savers = tuple(key for key, node in graph.items() if node["class_type"] == "SaveImage")
        job = Job(0.0, "job", graph, {}, savers)
        hub = Hub({})
        execution = Execution(job, self._registry, self._cache, hub, self._config, self._folders, threading.Event())
        entry = execution.run()
        kind, data = entry["status"]["messages"][-1]
        assert kind == "execution_success", data
        self.fired += len(execution._executed)
        return {key: [self._read(file) for file in entry["outputs"][key]["images"]] for key in savers}

    def _read(self, file: dict[str, str]) -> Pixels:
        with PIL.Image.open(self._folders.of(file["type"]) / file["subfolder"] / file["filename"]) as opened:
            return np.asarray(opened)
