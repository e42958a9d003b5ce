"""The own tools of people as the catalogue sees them: by name for plans and workers, by search for their owner."""

from __future__ import annotations

from collections.abc import Sequence

from base.errors import Problem
from base.log import get_logger
from tools.errors import NotOnShelf, ToolNotFound
from tools.model import Tool
from tools.protocols import Encoder
from tools.shelf import names
from tools.shelf.model import Item
from tools.shelf.opened import Opened
from tools.shelf.ranking import Ranked, ranked, texts_of
from tools.shelf.service import MOST, Shelf

log = get_logger(__name__)


class OwnTools:
    """Implements tools.protocols.Own."""

    def __init__(self, shelf: Shelf, encoder: Encoder) -> None:
        self._shelf, self._encoder, self._opened = shelf, encoder, Opened()
        shelf.when_deleted(self._opened.forget)

    def get(self, name: str) -> Tool:
        """A version that was fetched before. Raises ToolNotFound."""
        item = self._known(name)
        if item is None:
            raise ToolNotFound
        return item.tool

    async def fetch(self, name: str, account_id: str | None) -> Tool:
        """Raises ToolNotFound when there is none, or none that the account may use."""
        known = self._known(name)
        if known is not None and account_id in (None, known.account_id):
            return known.tool
        try:
            item = await self._shelf.by_name(name, account_id)
        except NotOnShelf:
            raise ToolNotFound from None
        self._opened.keep(item)
        return item.tool

    async def of(self, account_id: str) -> tuple[Tool, ...]:
        """All that the account has, as it is now, the newest first."""
        return tuple([item.tool for item in await self._items(account_id)])

    async def rank(self, query: str, account_id: str) -> list[tuple[Tool, float]]:
        """Those of the account's that fit the words, best first, each with a score that is 1 for a sure hit."""
        items = await self._items(account_id)
        if not items:
            return []
        await self._embed([item for item in items if self._opened.vectors(item) is None])
        vector = (await self._encoder.encode([query]))[0]
        known = [(item.tool, found) for item in items if (found := self._opened.vectors(item)) is not None]
        tools = {item.tool.name: item.tool for item in items}
        order: list[Ranked] = ranked(query, vector, known)
        return [(tools[name], score) for name, score in order]

    def _known(self, name: str) -> Item | None:
        own = names.parsed(name)
        return self._opened.get(own.short, own.version) if own and own.version else None

    async def _items(self, account_id: str) -> list[Item]:
        found = []
        for row in await self._shelf.newest(account_id, MOST):
            item = self._opened.get(row["short"], row["version"]) or await self._open(row)
            if item is not None:
                found.append(item)
        return found

    async def _open(self, row: object) -> Item | None:
        """One that cannot be read any more must not take the others with it."""
        try:
            item = await self._shelf.open(row)
        except (Problem, ValueError) as error:
            log.warning("shelf_item_unreadable", error=type(error).__name__)
            return None
        self._opened.keep(item)
        return item

    async def _embed(self, items: Sequence[Item]) -> None:
        if not items:
            return
        texts = [texts_of(item.tool) for item in items]
        vectors = await self._encoder.encode([text for each in texts for text in each])
        start = 0
        for item, each in zip(items, texts, strict=True):
            self._opened.keep_vectors(item, vectors[start : start + len(each)])
            start += len(each)
