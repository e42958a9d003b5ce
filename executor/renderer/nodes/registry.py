"""What a node is, and the table of those on offer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..config import Config
from ..files import Folders
from ..values import Result

#: `[TYPE]` or `[TYPE, OPTIONS]`, as /object_info shows it.
Input = list[Any]


class Interrupted(Exception):
    """Somebody asked the running job to stop."""


@dataclass
class Scene:
    """What a running node may use besides its inputs."""

    config: Config
    folders: Folders
    graph: dict[str, Any]
    pnginfo: dict[str, Any]
    stop: threading.Event
    report: Callable[[int, int, bytes | None], None]

    def check(self) -> None:
        """Raise Interrupted once the job shall stop."""
        if self.stop.is_set():
            raise Interrupted

    def pause(self, seconds: float) -> None:
        """Wait, but not a moment after an interrupt."""
        if seconds > 0 and self.stop.wait(seconds):
            raise Interrupted
        self.check()

    def step(self, value: int, total: int, jpeg: bytes | None = None) -> None:
        self.check()
        self.report(value, total, jpeg)


@dataclass(frozen=True)
class Node:
    """One class. `run` gets the scene and the inputs by name."""

    name: str
    title: str
    category: str
    required: dict[str, Input]
    outputs: tuple[str, ...]
    run: Callable[..., Result]
    output_names: tuple[str, ...] = ()
    is_output: bool = False
    hidden: dict[str, str] = field(default_factory=dict)
    #: May be left out; `run` has a default for each.
    optional: dict[str, Input] = field(default_factory=dict)
    description: str = ""
    #: Own check of some inputs: their names, and a function that returns True or words for what is wrong.
    checks: tuple[str, ...] = ()
    check: Callable[[Folders, dict[str, Any]], bool | str] | None = None
    #: Something that changes when the node must run again though its inputs are the same.
    fingerprint: Callable[[Folders, dict[str, Any]], str] | None = None
    #: Choices that are read from the disk at each call: input name to list of names.
    listing: Callable[[Folders], dict[str, list[str]]] | None = None

    @property
    def inputs(self) -> dict[str, Input]:
        """All that may be given, needed or not."""
        return {**self.required, **self.optional}


class Registry:
    """All nodes by class name."""

    def __init__(self, nodes: list[Node], folders: Folders) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._folders = folders

    def get(self, name: Any) -> Node | None:
        return self._nodes.get(name) if isinstance(name, str) else None

    def required(self, node: Node) -> dict[str, Input]:
        """The inputs, with choices as they are now."""
        if node.listing is None:
            return node.required
        now = node.listing(self._folders)
        return {name: [now[name], *spec[1:]] if name in now else spec for name, spec in node.required.items()}

    def accepts(self, node: Node, inputs: dict[str, Any]) -> bool | str:
        return node.check(self._folders, inputs) if node.check else True

    def fingerprint(self, node: Node, inputs: dict[str, Any]) -> str:
        return node.fingerprint(self._folders, inputs) if node.fingerprint else ""

    def info(self, name: str) -> dict[str, Any]:
        """The /object_info entry of one class, {} when there is none."""
        node = self._nodes.get(name)
        return {name: self._entry(node)} if node else {}

    def all_info(self) -> dict[str, Any]:
        return {name: self._entry(node) for name, node in self._nodes.items()}

    def _entry(self, node: Node) -> dict[str, Any]:
        inputs: dict[str, Any] = {"required": self.required(node)}
        if node.optional:
            inputs["optional"] = node.optional
        if node.hidden:
            inputs["hidden"] = node.hidden
        return {
            "input": inputs,
            "input_order": {kind: list(names) for kind, names in inputs.items()},
            "output": list(node.outputs),
            "output_is_list": [False] * len(node.outputs),
            "output_name": list(node.output_names or node.outputs),
            "name": node.name,
            "display_name": node.title,
            "description": node.description,
            "python_module": "nodes",
            "category": node.category,
            "output_node": node.is_output,
        }
