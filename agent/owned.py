"""The own tools of a person, gathered for a plan: what lies on the shelf, and the workflows that the spells are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from agent.model import Shown
from tools.errors import ToolNotFound
from tools.model import Tool
from tools.protocols import Catalogue
from tools.shelf.names import is_own, pinned


async def own_tools(catalogue: Catalogue, account_id: str, also: Iterable[str] = ()) -> tuple[Tool, ...]:
    """All as they are now, and `also` those named (older versions); what is not the account's is left out."""
    own = list(await catalogue.own(account_id))
    named = [await _fetched(catalogue, name, account_id) for name in dict.fromkeys(also) if is_own(name)]
    own += [tool for tool in named if tool is not None]
    for name in dict.fromkeys(step.tool for tool in own for step in tool.recipe if is_own(step.tool)):
        if (tool := await _fetched(catalogue, name, account_id)) is not None:
            own.append(tool)
    return tuple(own)


def as_offered(shown: Sequence[Shown], own: Iterable[Tool]) -> list[Shown]:
    """What own tools made, under the names by which planners are offered them: rows hold the ones without words."""
    names = {pinned(tool.name, tool.version): tool.name for tool in own}
    return [replace(item, tool=names.get(item.tool or "", item.tool)) for item in shown]


async def _fetched(catalogue: Catalogue, name: str, account_id: str) -> Tool | None:
    with suppress(ToolNotFound):
        return await catalogue.fetch(name, account_id)
    return None
