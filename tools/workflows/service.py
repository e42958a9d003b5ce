"""Workflows that people bring, at work: drafted, kept, changed, copied, shown to others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import cache
from typing import Any

from base.clock import Clock
from tools import recorded
from tools.convert.conversion import digest
from tools.convert.files import hold_facts
from tools.errors import NotOnShelf, WorkflowRefused
from tools.model import SourceKind
from tools.nodes import ObjectInfo
from tools.shelf.model import Content, Item, Visibility
from tools.shelf.service import Shelf
from tools.templates import package
from tools.templates.weights import Sources, sources
from tools.workflows.drafting import draft
from tools.workflows.facts import Facts, gathered
from tools.workflows.kept import kept_of
from tools.workflows.model import Changes, Draft, Kept
from tools.workflows.reading import checked, read_file
from tools.workflows.shaping import applicable, merged, shaped

FRESH_S = 60.0
"""So long what a server told of its nodes is taken as true."""
Live = Callable[[], Awaitable[ObjectInfo | None]]


class Workflows:
    """Workflows of one account at a time; somebody else's are NotOnShelf. `live` asks a server of the pool for its
    `/object_info`, `allowed` are node classes that the operator adds to ComfyUI's own."""

    def __init__(self, shelf: Shelf, live: Live, clock: Clock, allowed: Collection[str] = ()) -> None:
        self._shelf, self._live, self._clock, self._allowed = shelf, live, clock, frozenset(allowed)
        self._facts: tuple[float, Facts] | None = None

    async def draft(
        self, document: Mapping[str, Any], title: str = "", own_facts: ObjectInfo | None = None
    ) -> Draft:
        """What it would be as a tool; nothing is kept. Raises BadWorkflow for what cannot be read at all, BadFacts."""
        return await self._drafted(checked(dict(document)), title, own_facts)

    async def read(self, data: bytes) -> dict[str, Any]:
        """The workflow in a file that was brought. Raises NotAWorkflow, WorkflowTooLarge."""
        return await asyncio.to_thread(read_file, data)

    async def add(
        self, account_id: str, document: Mapping[str, Any], changes: Mapping[str, Any], own_facts: ObjectInfo | None = None,
    ) -> Item:  # fmt: skip
        """Keep it as a private tool, with changes as in `model.Changes`. Raises BadWorkflow, WorkflowRefused with its
        findings, BadChange, ShelfFull."""
        source, wanted = checked(dict(document)), merged(Changes(), changes)
        found = await self._drafted(source, wanted.title or "", own_facts)
        return await self._shelf.add(account_id, SourceKind.WORKFLOW, _content(_kept(found, source, wanted)))

    async def change(
        self, item_id: str, account_id: str, changes: Mapping[str, Any], note: str = "",
        document: Mapping[str, Any] | None = None,
    ) -> Item:  # fmt: skip
        """A new version with further changes, or with another workflow, to which the old changes apply as far as they can.
        What was public waits for the operator again. Raises like `add`, and NotOnShelf."""
        before = await self._owned(item_id, account_id)
        kept = kept_of(before)
        if document is None:
            kept = kept.model_copy(update={"changes": merged(kept.changes, changes)})
        else:
            source = checked(dict(document))
            found = await self._drafted(source, before.content.title, None)
            kept = _kept(found, source, merged(applicable(kept.changes, found.tool), changes))
        return await self._shelf.change(item_id, account_id, _content(kept, note), reviewed=True)

    async def share(self, item_id: str, account_id: str, visibility: Visibility) -> tuple[Visibility, str | None]:
        """Say who may see it: what shall be public waits for the operator first. Gives a link's token, too."""
        item = await self._owned(item_id, account_id)
        if visibility is Visibility.PUBLIC and item.visibility is not Visibility.PUBLIC:
            visibility = Visibility.ASKED
        return visibility, await self._shelf.show(item_id, account_id, visibility)

    async def fork(self, item: Item, account_id: str, title: str | None = None) -> Item:
        """A copy of one's own, of what one was shown. Held against today's rules. Raises like `add`."""
        kept = kept_of(item)
        found = await self._drafted(kept.source, item.content.title, None)
        changes = merged(applicable(kept.changes, found.tool), {"title": title or item.content.title})
        return await self._shelf.add(account_id, SourceKind.WORKFLOW, _content(_kept(found, kept.source, changes)))

    async def _owned(self, item_id: str, account_id: str) -> Item:
        item = await self._shelf.get(item_id, account_id)
        if item.account_id != account_id or item.kind is not SourceKind.WORKFLOW:
            raise NotOnShelf
        return item

    async def _drafted(self, source: dict[str, Any], title: str, own_facts: ObjectInfo | None) -> Draft:
        facts = await self._known()
        if own_facts is not None:
            hold_facts(own_facts)

        def work() -> Draft:
            return draft(source, facts, _sources(), self._allowed, title=title, own_facts=own_facts)

        return await asyncio.to_thread(work)

    async def _known(self) -> Facts:
        now = self._clock.monotonic()
        if self._facts is None or now - self._facts[0] > FRESH_S:
            live = await self._live()
            self._facts = now, await asyncio.to_thread(lambda: gathered(_references(), live))
        return self._facts[1]


def _kept(found: Draft, source: dict[str, Any], changes: Changes) -> Kept:
    if found.tool is None:
        raise WorkflowRefused(findings=[finding.shape() for finding in found.findings])
    return Kept(
        form=found.form, source=source, digest=digest(found.graph), found=found.tool, samples=found.samples, changes=changes
    )


def _content(kept: Kept, note: str = "") -> Content:
    """Raises BadChange."""
    tool = shaped(kept.found, kept.changes, kept.samples)
    return Content(tool.title, tool, kept.model_dump(mode="json", exclude_defaults=True), note)


@cache
def _references() -> dict[str, ObjectInfo]:
    return recorded.reference()


@cache
def _sources() -> Sources:
    """What the official templates tell of model files."""
    return sources(list(package.open_templates()))
