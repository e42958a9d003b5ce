"""What planning over an inventory speaks of: tools by name, words and media types; chosen tools, links, arguments. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.taskplan.errors import InventoryBroken

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class ToolSpec:
    """A tool as far as choosing it goes. A type that is listed twice is an input that takes two."""

    name: str
    description: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    examples: tuple[str, ...] = field(default=(), repr=False)
    """Things that people say when they want it."""

    @property
    def words(self) -> str:
        """What is embedded for it."""
        return f"{self.name}: {self.description}"


@dataclass(frozen=True)
class Inventory:
    """The tools to choose from, in the order of their file."""

    tools: tuple[ToolSpec, ...]

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over names, descriptions and types in order: trained weights belong to exactly these tools."""
        rows = [[tool.name, tool.description, tool.inputs, tool.outputs] for tool in self.tools]
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def fits(self) -> Matrix:
        """Shape (tools, tools): 1 where what the row's tool makes is something the column's tool takes."""
        return np.array(
            [[float(bool(set(a.outputs) & set(b.inputs))) for b in self.tools] for a in self.tools], dtype=float
        ).reshape(len(self.tools), len(self.tools))

    @cached_property
    def slots(self) -> NDArray[np.int64]:
        """How many inputs each tool takes."""
        return np.array([len(tool.inputs) for tool in self.tools], dtype=np.int64)


@dataclass(frozen=True)
class Evidence:
    """What scoring says of one request, before anything is decided.

    `tools` (n,) 0..1: how likely each tool is needed. `places` (n,) 0..1: where in the request it is spoken of.
    """

    tools: Matrix
    places: Matrix


@dataclass(frozen=True)
class TaskNode:
    """A chosen tool with its arguments: literals of the request, or `<node-k>` for the result of the k-th node."""

    tool: str
    arguments: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class TaskPlan:
    """Chosen tools in an order in which they can run; `links` are pairs of positions."""

    nodes: tuple[TaskNode, ...]
    links: tuple[tuple[int, int], ...]
    confidence: float = 0.0

    def shape(self) -> dict[str, Any]:
        """As benchmarks read it: links by the tools' names."""
        return {
            "nodes": [{"task": node.tool, "arguments": list(node.arguments)} for node in self.nodes],
            "links": [[self.nodes[a].tool, self.nodes[b].tool] for a, b in self.links],
        }


def inventory(rows: Iterable[Mapping[str, Any]]) -> Inventory:
    """Read tools as benchmarks write them: `id` or `name`, `desc` or `description`, `input_type` or `input-type` (a text
    or a list), the same for output. Types are compared without case. Raises InventoryBroken."""
    tools = tuple(_spec(number, row) for number, row in enumerate(rows, start=1))
    names = [tool.name for tool in tools]
    if not tools or len(set(names)) < len(names):
        raise InventoryBroken("An inventory needs at least one tool, and each name once.")
    return Inventory(tools)


def _spec(number: int, row: Mapping[str, Any]) -> ToolSpec:
    name = row.get("id") or row.get("name")
    if not isinstance(name, str):
        raise InventoryBroken(f"Tool {number} has no name.", line=number)
    words = str(row.get("desc") or row.get("description") or "")
    return ToolSpec(name, words, _types(row, "input"), _types(row, "output"))


def _types(row: Mapping[str, Any], side: str) -> tuple[str, ...]:
    found = next((row[key] for key in (f"{side}_type", f"{side}-type", f"{side}s") if key in row), ())
    listed = [found] if isinstance(found, str) else list(found)
    return tuple(str(kind).strip().lower() for kind in listed)
