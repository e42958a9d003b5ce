"""Decide: which tools, and what feeds what. Structured, because tools and links speak for one another. Pure.

Tools that are all but certain are taken. Those in doubt are tried in and out by a beam, each state judged by how likely its
tools are and by how well every one of them is fed: a tool that nothing feeds and that feeds nothing must stand on its own words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.taskplan.linking import Linker
from agent.taskplan.model import Evidence, Inventory, Matrix

BEAM = 6


@dataclass(frozen=True)
class Bars:
    """What is believed enough. `tool`: a tool alone; `doubt`: how far around it the beam tries both; `link`: a tool's first
    source, `second`: a further one; `support`: how much the links of a tool count beside its own words."""

    tool: float = 0.45
    doubt: float = 0.15
    link: float = 0.2
    second: float = 0.35
    support: float = 0.3
    longest: int = 10


@dataclass(frozen=True)
class Decision:
    """Chosen tools (positions in the inventory) in an order in which they can run, links as pairs of them."""

    tools: tuple[int, ...]
    links: tuple[tuple[int, int], ...]
    score: float


def decide(evidence: Evidence, inventory: Inventory, linker: Linker, bars: Bars) -> Decision:
    """The best state of the beam."""
    sure, doubtful = _sorted_out(evidence.tools, bars)
    beam = [_judged(sure, evidence, inventory, linker, bars)] if sure else []
    if not beam:
        beam, doubtful = [_judged(doubtful[:1], evidence, inventory, linker, bars)], doubtful[1:]
    for tool in doubtful:
        with_it = [_judged([*state.tools, tool], evidence, inventory, linker, bars) for state in beam]
        beam = sorted([*beam, *with_it], key=lambda state: -state.score)[:BEAM]
    return _ordered(beam[0], evidence)


def _sorted_out(tools: Matrix, bars: Bars) -> tuple[list[int], list[int]]:
    """Those above all doubt, and those in doubt with the likeliest first."""
    order = [int(tool) for tool in np.argsort(-tools)][: bars.longest]
    sure = [tool for tool in order if tools[tool] >= bars.tool + bars.doubt]
    doubtful = [tool for tool in order if bars.tool - bars.doubt <= tools[tool] < bars.tool + bars.doubt]
    return sure, doubtful or ([] if sure else order[:1])


def _judged(tools: Sequence[int], evidence: Evidence, inventory: Inventory, linker: Linker, bars: Bars) -> Decision:
    likely = linker.likely(tools, evidence, inventory)
    links = linked(tools, likely, inventory, bars)
    own = sum(_odds(evidence.tools[tool]) - _odds(bars.tool) for tool in tools)
    held = sum(likely[tools.index(a), tools.index(b)] - 0.5 for a, b in links)
    alone = 0.5 * sum(1 for tool in tools if len(tools) > 1 and not any(tool in link for link in links))
    return Decision(tuple(tools), tuple(links), own + bars.support * (held - alone))


def linked(tools: Sequence[int], likely: Matrix, inventory: Inventory, bars: Bars) -> list[tuple[int, int]]:
    """The likeliest links that leave no circle and no tool with more sources than it takes."""
    pairs = [(likely[a, b], a, b) for a in range(len(tools)) for b in range(len(tools)) if a != b]
    links: list[tuple[int, int]] = []
    sources = [0] * len(tools)
    reaches = np.eye(len(tools), dtype=bool)
    for chance, a, b in sorted(pairs, reverse=True):
        bar = bars.link if sources[b] == 0 else bars.second
        if chance < bar or reaches[b, a] or sources[b] >= max(1, inventory.slots[tools[b]]):
            continue
        links.append((tools[a], tools[b]))
        sources[b] += 1
        reaches |= np.outer(reaches[:, a], reaches[b])
    return links


def _ordered(state: Decision, evidence: Evidence) -> Decision:
    """Sources before what they feed, otherwise as the request speaks of them."""
    left, order = sorted(state.tools, key=lambda tool: evidence.places[tool]), []
    while left:
        free = next(t for t in left if not any(b == t and a in left for a, b in state.links))
        left.remove(free)
        order.append(free)
    return Decision(tuple(order), state.links, state.score)


def _odds(chance: float) -> float:
    chance = min(max(float(chance), 1e-4), 1 - 1e-4)
    return math.log(chance / (1 - chance))
