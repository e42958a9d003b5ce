"""What the rooms above may ask of the tools, and the one thing the tools ask for: an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tools.model import Availability, Capabilities, Tool

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts to unit vectors. `name` identifies the weights, so that cached vectors are never mixed up."""

    name: str
    size: int

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), size), rows of length 1."""
        ...


@dataclass(frozen=True)
class Found:
    """A tool with how well it fits a query (higher is better) and whether it can run now."""

    tool: Tool
    score: float
    availability: Availability
    variants: tuple[str, ...] = ()
    """Names of other tools that do the same, found too and left out: the best first."""

    def shape(self) -> dict[str, Any]:
        """The Tool of CONTRACTS' lists."""
        tool = self.tool
        return {
            "name": tool.name, "title": tool.title, "description": tool.description, "family": tool.family,
            "tags": list(tool.tags), "inputs": {n: p.model_dump(mode="json") for n, p in tool.inputs.items()},
            "outputs": {n: p.model_dump(mode="json") for n, p in tool.outputs.items()},
            "available": self.availability.available, "reason": self.availability.reason, "score": round(self.score, 4),
        }  # fmt: skip


class Own(Protocol):
    """Tools that belong to people: spells and workflows, named `my/...` (see tools.shelf.names)."""

    def get(self, name: str) -> Tool:
        """A version (`my/3fa9c1@2`) that was fetched before. Raises ToolNotFound."""
        ...

    async def fetch(self, name: str, account_id: str | None) -> Tool: ...

    async def of(self, account_id: str) -> tuple[Tool, ...]: ...

    async def rank(self, query: str, account_id: str) -> list[tuple[Tool, float]]: ...


class Catalogue(Protocol):
    """All tools, searchable."""

    def get(self, name: str) -> Tool:
        """Raises ToolNotFound, and ToolUnknown where another process may know it. A person's own tool only by its version,
        and once it was fetched."""
        ...

    async def fetch(self, name: str, account_id: str | None = None) -> Tool:
        """As `get`, and for people's own tools too: of that account, or whosever for a worker that runs an accepted plan.
        Raises ToolNotFound, ToolUnknown."""
        ...

    def names(self) -> tuple[str, ...]:
        """Of all tools but people's own, those that stand behind another too."""
        ...

    async def own(self, account_id: str) -> tuple[Tool, ...]:
        """The account's own tools as they are now, the newest first."""
        ...

    def all(self) -> tuple[Tool, ...]: ...

    async def search(
        self, query: str, capabilities: Sequence[Capabilities], limit: int, account_id: str | None = None
    ) -> list[Found]:
        """Best first, one of each group, the account's own tools among them; an empty query lists all by family and name,
        with score 0."""
        ...

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability: ...

    def warm(self) -> bool:
        """Whether the index is filled and the encoder loaded."""
        ...


class Timings(Protocol):
    """What was measured. A value that planning may hold."""

    def measured(self, tool: str, size: int, device: str | None, seconds: tuple[float, float]) -> tuple[float, float]:
        """Between which seconds such a step takes there, four times of five; `seconds`, the tool's own estimate, where
        nothing like it was measured."""
        ...
