"""Spells within a draft: each is put in place by its steps before the plan is checked, priced and shown. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from agent.model import Draft, DraftStep
from tools.errors import ToolNotFound
from tools.model import Availability, Capabilities, Tool
from tools.shelf.names import is_own, parsed, short_of
from tools.spells.casting import cast

MAX_SEED = 2**53


class ToolBox(Protocol):
    """The part of the catalogue that composing needs."""

    def get(self, name: str) -> Tool: ...

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability: ...


class PersonalBox:
    """Everybody's tools and those of one person; a name of somebody else's opens nothing."""

    def __init__(self, tools: ToolBox, own: Iterable[Tool]) -> None:
        self._tools = tools
        self._own = [(short_of(tool.name), tool) for tool in own]

    def get(self, name: str) -> Tool:
        """Raises ToolNotFound."""
        if not is_own(name):
            return self._tools.get(name)
        said = parsed(name)
        for short, tool in self._own:
            if said is not None and short == said.short and said.version in (None, tool.version):
                return tool
        raise ToolNotFound

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability:
        return self._tools.availability(tool, capabilities)


def with_spells_cast(draft: Draft, tool_of: Callable[[str], Tool], seed: int) -> Draft:
    """The draft with the steps of each spell in its place. Seeds that a spell leaves open are new ones.

    Raises BadBlank, BlankMissing, ToolNotFound.
    """
    steps: list[DraftStep] = []
    for step in draft.steps:
        spell = tool_of(step.tool)
        steps += _cast(step, spell, tool_of, seed + len(steps)) if spell.recipe else [step]
    return replace(draft, steps=tuple(steps))


def _cast(step: DraftStep, spell: Tool, tool_of: Callable[[str], Tool], seed: int) -> list[DraftStep]:
    steps = []
    for number, each in enumerate(cast(spell, step.params, step.inputs, step.id)):
        params = dict(each.params)
        if "seed" in tool_of(each.tool).params:
            params.setdefault("seed", (seed + number) % MAX_SEED)
        deliver = step.deliver if each.id == step.id and step.deliver is not None else each.deliver
        steps.append(DraftStep(each.id, each.tool, params, each.inputs, deliver, fresh=step.fresh))
    return steps
