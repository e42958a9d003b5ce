"""The shelf at work: keep, change, share and delete what belongs to a person."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from accounts.model import account_scope
from base.clock import Clock
from base.crypto import DataKey, KeyStore
from base.db import Database, Tx
from base.ids import is_id, new_id
from tools.errors import NotOnShelf, ShelfFull
from tools.model import Source, SourceKind, Tool
from tools.shelf import names, store
from tools.shelf.model import Content, Item, Visibility

MOST = 200
"""Items that one account may have."""
_LINK_BYTES = 24


class Shelf:
    """What belongs to a person beside the catalogue. Somebody else's private item is NotOnShelf, as if it were not there."""

    def __init__(self, db: Database, keys: KeyStore, clock: Clock, most: int = MOST) -> None:
        self._db, self._keys, self._clock, self._most = db, keys, clock, most
        self._deleted: list[Callable[[str], None]] = []

    def when_deleted(self, forget: Callable[[str], None]) -> None:
        """Have this called with the id of each item that is deleted here."""
        self._deleted.append(forget)

    async def add(
        self, account_id: str, kind: SourceKind, content: Content, *, origin: str | None = None,
        visibility: Visibility = Visibility.PRIVATE, tier: str = "standard",
    ) -> Item:  # fmt: skip
        """Keep something new. The same `origin` again gives the item that it made. Raises ShelfFull."""
        key = await self._key(account_id)
        async with self._db.write() as tx:
            if origin is not None and (before := await store.by_origin(tx, origin)) is not None:
                return _opened(before, key)
            if await store.count(tx, account_id) >= self._most:
                raise ShelfFull(maximum=self._most)
            item_id, now = await _free_id(tx), self._clock.now()
            await store.add_item(
                tx,
                {
                    "id": item_id, "account_id": account_id, "tier": tier, "short": names.short(item_id), "kind": kind.value,
                    "visibility": visibility.value, "version": 1, "origin": origin, "created_at": now, "updated_at": now,
                },
            )  # fmt: skip
            sealed = key.seal(_as_kept(content, names.slug_of(content.title)))
            await store.add_version(
                tx, {"item_id": item_id, "version": 1, "content": sealed, "created_at": now}
            )
            return _opened(await store.item(tx, item_id), key)

    async def change(self, item_id: str, account_id: str, content: Content, *, reviewed: bool = False) -> Item:
        """A new version; the old ones stay. The name keeps its slug, so that what was said before still finds it. What is
        `reviewed` and public waits for the operator again, from the moment that the version is there."""
        row = await self._owned(item_id, account_id)
        key, now = await self._key(account_id), self._clock.now()
        sealed = key.seal(_as_kept(content, key.open(row["content"])["slug"]))
        async with self._db.write() as tx:
            version = await store.next_version(tx, item_id, updated_at=now)
            if reviewed:
                await store.become(tx, item_id, Visibility.PUBLIC.value, Visibility.ASKED.value)
            await store.add_version(
                tx, {"item_id": item_id, "version": version, "content": sealed, "created_at": now}
            )
            return _opened(await store.item(tx, item_id), key)

    async def get(
        self, item_id: str, account_id: str, version: int | None = None, kind: SourceKind | None = None
    ) -> Item:
        """One's own, or one that is public; of this `kind` where one is named. Raises NotOnShelf."""
        row = await self._row(item_id, version)
        if row is None and version is not None:
            await self._check_version(item_id, account_id, version)
        if row is None or not _may_see(row, account_id) or not _is_a(kind, row):
            raise NotOnShelf
        return await self._item(row)

    async def page(
        self, account_id: str, kind: SourceKind | None, after: str | None, limit: int
    ) -> tuple[list[Item], str | None]:
        """One's own, the newest first, and the cursor of the next page."""
        async with self._db.read() as tx:
            rows = await store.of_account(tx, account_id, kind and kind.value, after, limit + 1)
        return await self._page(rows, limit)

    async def public(
        self, kind: SourceKind | None, after: str | None, limit: int
    ) -> tuple[list[Item], str | None]:
        """What people share with everybody, the newest first."""
        async with self._db.read() as tx:
            rows = await store.shown(tx, Visibility.PUBLIC.value, kind and kind.value, after, limit + 1)
        return await self._page(rows, limit)

    async def asked(self, kind: SourceKind, after: str | None, limit: int) -> tuple[list[Item], str | None]:
        """For the operator: what waits for being made public."""
        async with self._db.read() as tx:
            rows = await store.shown(tx, Visibility.ASKED.value, kind.value, after, limit + 1)
        return await self._page(rows, limit)

    async def decide(self, item_id: str, version: int, kind: SourceKind, visibility: Visibility) -> None:
        """For the operator: what becomes of something that waits, in the version that was looked at. Raises NotOnShelf."""
        async with self._db.write() as tx:
            row = await store.item(tx, item_id) if is_id(item_id) else None
            waits = row is not None and (row["visibility"], row["kind"]) == (Visibility.ASKED.value, kind.value)
            if row is None or not waits or row["newest"] != version:
                raise NotOnShelf("Nothing of that id and version waits.")
            await store.change(tx, item_id, visibility=visibility.value)

    async def versions(self, item_id: str, account_id: str) -> list[Item]:
        """Every version of one's own item, oldest first. Raises NotOnShelf."""
        await self._owned(item_id, account_id)
        async with self._db.read() as tx:
            rows = await store.all_versions(tx, item_id)
        return [await self._item(row) for row in rows]

    async def show(self, item_id: str, account_id: str, visibility: Visibility) -> str | None:
        """Say who may see it; with `link` gives the token of the link, which stays the same until it is taken back by
        any other visibility. Raises NotOnShelf."""
        row = await self._owned(item_id, account_id)
        key = await self._key(account_id)
        if visibility is Visibility.LINK and row["visibility"] == visibility.value and row["link"] is not None:
            return str(key.open(row["link"]))
        token = secrets.token_urlsafe(_LINK_BYTES) if visibility is Visibility.LINK else None
        async with self._db.write() as tx:
            await store.change(
                tx, item_id, visibility=visibility.value, link_hash=None if token is None else _hashed(token),
                link=None if token is None else key.seal(token),
            )  # fmt: skip
        return token

    async def by_link(self, token: str, kind: SourceKind | None = None) -> Item:
        """What somebody shared by a link. Raises NotOnShelf when the link was taken back, never was, or leads to
        another `kind`."""
        async with self._db.read() as tx:
            row = await store.by_link(tx, _hashed(token))
        if row is None:
            raise NotOnShelf("This link leads to nothing: it was taken back, or is not whole.")
        if not _is_a(kind, row):
            raise NotOnShelf
        return await self._item(row)

    async def delete(self, item_id: str, account_id: str) -> Item:
        """Delete all its versions; returns what it was, for whoever offers to bring it back. Raises NotOnShelf."""
        gone = await self._item(await self._owned(item_id, account_id))
        async with self._db.write() as tx:
            await store.remove(tx, item_id)
        for forget in self._deleted:
            forget(item_id)
        return gone

    # --- for the shelf's own tools

    async def by_name(self, name: str, account_id: str | None) -> Item:
        """The item that a tool name means, for its owner or, without an account, for a worker. Raises NotOnShelf."""
        own = names.parsed(name)
        row = None
        if own is not None:
            async with self._db.read() as tx:
                row = await store.by_short(tx, own.short, own.version)
        if row is None or (account_id is not None and not _may_see(row, account_id)):
            raise NotOnShelf
        return await self._item(row)

    async def newest(self, account_id: str, limit: int) -> list[Any]:
        """Rows of what the account has now, the newest first, for whoever knows many of them already."""
        async with self._db.read() as tx:
            return list(await store.of_account(tx, account_id, None, None, limit))

    async def open(self, row: Any) -> Item:
        """The item of a row. Raises KeyLost."""
        return await self._item(row)

    async def _page(self, rows: Sequence[Any], limit: int) -> tuple[list[Item], str | None]:
        found = [await self._item(row) for row in rows[:limit]]
        return found, found[-1].id if len(rows) > limit else None

    async def _row(self, item_id: str, version: int | None = None) -> Any | None:
        if not is_id(item_id):
            return None
        async with self._db.read() as tx:
            return await store.item(tx, item_id, version=version)

    async def _check_version(self, item_id: str, account_id: str, version: int) -> None:
        """Raises NotOnShelf with the versions that there are, to whoever may see the item at all."""
        newest = await self._row(item_id)
        if newest is not None and _may_see(newest, account_id):
            last = newest["version"]
            raise NotOnShelf(
                f"There is no version {version} of this; it has versions 1 to {last}.",
                action="Name one of them, or leave the version out for the newest.", version=version, newest=last,
            )  # fmt: skip

    async def _owned(self, item_id: str, account_id: str) -> Any:
        row = await self._row(item_id)
        if row is None or row["account_id"] != account_id:
            raise NotOnShelf
        return row

    async def _key(self, account_id: str) -> DataKey:
        return await self._keys.key(account_scope(account_id))

    async def _item(self, row: Any) -> Item:
        return _opened(row, await self._key(row["account_id"]))


def _is_a(kind: SourceKind | None, row: Any) -> bool:
    return kind is None or row["kind"] == kind


def _may_see(row: Any, account_id: str) -> bool:
    """One's own, and what is public; of a workflow only the version that the operator looked at."""
    if row["account_id"] == account_id:
        return True
    looked_at = row["kind"] != SourceKind.WORKFLOW.value or row["version"] == row["newest"]
    return bool(row["visibility"] == Visibility.PUBLIC.value and looked_at)


async def _free_id(tx: Tx) -> str:
    """An id whose short form nobody has."""
    while await store.short_taken(tx, names.short(item_id := new_id())):
        pass
    return item_id


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _as_kept(content: Content, slug: str) -> dict[str, Any]:
    tool = content.tool.model_dump(mode="json", exclude_defaults=True, exclude={"name", "owner", "version", "source"})
    return {"title": content.title, "slug": slug, "tool": tool, "body": content.body, "note": content.note}


def _opened(row: Any, key: DataKey) -> Item:
    kept = key.open(row["content"])
    kind = SourceKind(row["kind"])
    name = names.own_name(kept["slug"], row["id"])
    ours = {"title": kept["title"], "name": name, "owner": row["account_id"], "version": row["version"]}
    tool = Tool.model_validate({**kept["tool"], **ours, "source": Source(kind=kind)})
    content = Content(kept["title"], tool, kept["body"], kept["note"])
    return Item(
        id=row["id"], account_id=row["account_id"], kind=kind, visibility=Visibility(row["visibility"]),
        version=row["version"], newest=row["newest"], slug=kept["slug"], content=content, created_at=row["created_at"],
        updated_at=row["updated_at"],
    )  # fmt: skip
