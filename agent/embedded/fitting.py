"""Which tool a wish is for: typed ports choose the candidates, names, families, use and search rank them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.embedded import naming
from agent.embedded.media import gives
from agent.embedded.wishes import Wish
from agent.model import PlanningRequest
from tools.model import SourceKind, Tool
from tools.protocols import Found

NEAR = 24
"""Beyond so many places a tool's rank in the search says nothing more."""
USE = 0.7
"""What being used much weighs against the search."""


@dataclass(frozen=True)
class Source:
    """Something that goes in: its ref or step, and its kind."""

    name: str
    kind: str


@dataclass(frozen=True)
class Fit:
    """A tool with what feeds its ports."""

    found: Found
    inputs: Mapping[str, tuple[str, ...]]
    named: bool = False


def fits(
    wish: Wish, sources: Sequence[Source], request: PlanningRequest, *, asked: str = "", params: frozenset[str] = frozenset()
) -> list[Fit]:
    """All tools that make what is wished from what is there, the best first, those that cannot run among them.

    `asked` is the text in which a model may be named: where one is, only that model's tools are left. `params` are those
    that the words set: tools that have them go first.
    """
    possible = [
        (found, inputs)
        for found in request.found
        if gives(found, wish.makes) and (inputs := fed(found.tool, sources)) is not None
    ]
    said = naming.heard(asked, [found for found, _ in possible]) if asked else None
    named = frozenset(said.tools) if said is not None else frozenset()
    ranks = {found.tool.name: place for place, found in enumerate(request.found)}
    kept = [
        Fit(found, inputs, found.tool.name in named)
        for found, inputs in possible
        if (found.tool.name in named if named else _family(found.tool, wish) < len(wish.families))
    ]
    return sorted(kept, key=lambda fit: _order(fit, wish, params, ranks))


def fed(tool: Tool, sources: Sequence[Source]) -> dict[str, tuple[str, ...]] | None:
    """Port -> what feeds it, each source once and every port that needs one fed; None where that is not possible.

    Ports of a kind are fed in their own order, which is first before last and picture before reference.
    """
    left = list(sources)
    inputs: dict[str, tuple[str, ...]] = {}
    needs = sorted(tool.inputs.items(), key=lambda item: item[1].count[0] == 0)
    for name, port in needs:
        low, high = port.count
        mine = [source for source in left if source.kind == port.kind.value]
        later = sum(other.count[0] for key, other in needs if key != name and key not in inputs and other.kind == port.kind)
        taken = mine[: min(high, max(low, len(mine) - later))]
        if len(taken) < low:
            return None
        if taken:
            inputs[name] = tuple(source.name for source in taken)
            left = [source for source in left if source not in taken]
    return None if left else {name: inputs[name] for name in tool.inputs if name in inputs}


def able(fits: Sequence[Fit]) -> Fit | None:
    """The best that can run."""
    return next((fit for fit in fits if fit.found.availability.available), None)


def _order(fit: Fit, wish: Wish, params: frozenset[str], ranks: Mapping[str, int]) -> tuple[object, ...]:
    tool, availability = fit.found.tool, fit.found.availability
    lacking = len(params - set(tool.params))
    wait = availability.prepares.seconds[0] if availability.prepares else 0.0
    curated = tool.source.kind is not SourceKind.TEMPLATE
    rank = min(1.0, ranks[tool.name] / NEAR)
    worth = rank - USE * tool.popularity
    return not availability.available, lacking, _family(tool, wish), wait > 0, not curated, worth, tool.name


def _family(tool: Tool, wish: Wish) -> int:
    return wish.families.index(tool.family) if tool.family in wish.families else len(wish.families)
