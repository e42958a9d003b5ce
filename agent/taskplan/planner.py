"""Plan a request over an inventory: score, decide, fill in the arguments."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from agent.taskplan import heads, likeness
from agent.taskplan.arguments import fill
from agent.taskplan.decoding import Bars, Decision, decide
from agent.taskplan.errors import WeightsBroken
from agent.taskplan.general import BARS, LINKER
from agent.taskplan.linking import Linker
from agent.taskplan.model import Evidence, Inventory, Matrix, TaskNode, TaskPlan, ToolSpec
from agent.taskplan.spans import spans
from agent.taskplan.weights import Trained
from tools.protocols import Encoder

KNOWN = 2048
"""Tools whose words stay embedded."""
_Embedded = tuple[Matrix, Matrix, NDArray[np.int64]]
"""Vectors of the tools' words (n, size), of all ways to ask for them (m, size), and whose each of those is (m,)."""


class TaskPlanner:
    """Zero-shot over any inventory; with `trained` weights on the one they belong to, by their hash."""

    def __init__(self, encoder: Encoder, trained: Trained | None = None) -> None:
        if trained is not None and trained.encoder != encoder.name:
            raise WeightsBroken("These weights belong to another encoder.")
        self._encoder = encoder
        self._trained = trained
        self._words: OrderedDict[ToolSpec, Matrix] = OrderedDict()

    async def plan(self, request: str, inventory: Inventory) -> TaskPlan:
        """Which tools, in an order in which they can run, what feeds what, and with which arguments."""
        evidence = await self.evidence(request, inventory)
        linker, bars = self._manner(inventory)
        decision = decide(evidence, inventory, linker, bars)
        return composed(request, decision, evidence, inventory)

    async def evidence(self, request: str, inventory: Inventory) -> Evidence:
        """How likely each tool is needed and where the request speaks of it."""
        pieces = spans(request)
        texts = list(dict.fromkeys(piece.text for piece in pieces))  # a lone sentence is a piece three times
        vectors = (await self._encoder.encode(texts)).astype(float)[[texts.index(piece.text) for piece in pieces]]
        if self._trained is not None and self._knows(inventory):
            return heads.evidence(self._trained.heads, pieces, vectors)
        words, ways, owners = await self._embedded(inventory)
        return likeness.evidence(pieces, likeness.levelled(likeness.of_ways(vectors, ways, owners), words))

    def _knows(self, inventory: Inventory) -> bool:
        return self._trained is not None and self._trained.fingerprint == inventory.fingerprint

    def _manner(self, inventory: Inventory) -> tuple[Linker, Bars]:
        if self._trained is not None and self._knows(inventory):
            return self._trained.linker, self._trained.bars
        return LINKER, BARS

    async def _embedded(self, inventory: Inventory) -> _Embedded:
        """By tool, because an inventory of what was found is another one for every message."""
        fresh = [tool for tool in dict.fromkeys(inventory.tools) if tool not in self._words]
        texts = [text for tool in fresh for text in (tool.words, *tool.examples)]
        vectors = (await self._encoder.encode(texts)).astype(float) if texts else np.empty((0, self._encoder.size))
        ends = np.cumsum([1 + len(tool.examples) for tool in fresh])
        self._words.update(zip(fresh, np.split(vectors, ends[:-1]), strict=True) if fresh else ())
        of_tools = [self._words[tool] for tool in inventory.tools]
        for tool in inventory.tools:
            self._words.move_to_end(tool)
        while len(self._words) > max(KNOWN, len(of_tools)):
            self._words.popitem(last=False)
        owners = np.repeat(np.arange(len(of_tools)), [len(rows) for rows in of_tools])
        return np.stack([rows[0] for rows in of_tools]), np.concatenate(of_tools), owners


def composed(request: str, decision: Decision, evidence: Evidence, inventory: Inventory) -> TaskPlan:
    """A decision with its arguments."""
    position = {tool: number for number, tool in enumerate(decision.tools)}
    links = tuple(sorted((position[a], position[b]) for a, b in decision.links))
    tools = [inventory.tools[tool] for tool in decision.tools]
    filled = fill(request, tools, links, [float(evidence.places[tool]) for tool in decision.tools])
    nodes = tuple(TaskNode(tool.name, arguments) for tool, arguments in zip(tools, filled, strict=True))
    confidence = float(min(evidence.tools[tool] for tool in decision.tools))
    return TaskPlan(nodes, links, round(confidence, 3))
