"""What people add to the registry: theirs alone at first, everybody's once an admin has agreed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from accounts.model import account_scope
from base.clock import Clock
from base.crypto import KeyStore
from base.db import Database, Tx
from base.errors import KeyLost
from base.ids import is_id, new_id
from tools.registry import store
from tools.registry.errors import NotRegistered, NotWaiting, TooManyOwn

Kind = Literal["model", "lora"]
PUBLIC = "public"
MOST_OWN = 500
"""Entries of one kind that one account may keep."""


@dataclass(frozen=True)
class Registration:
    """An entry that somebody added. `content` is what its kind says: a model's or a LoRA's fields."""

    id: str
    kind: Kind
    account_id: str | None
    state: str
    """`private`, `proposed` (its owner asks that everybody may see it) or `public`."""
    content: Mapping[str, Any] = field(repr=False)


class Registrations:
    """Keeps them: sealed under their owner's key until they are public, plain afterwards."""

    def __init__(self, db: Database, keys: KeyStore, clock: Clock) -> None:
        self._db, self._keys, self._clock = db, keys, clock

    async def add(self, kind: Kind, content: Mapping[str, Any], account_id: str | None, tier: str, state: str) -> str:
        """A new entry; without an account it is the operator's. Raises TooManyOwn."""
        made, now = new_id(), self._clock.now()
        sealed = await self._sealed(content, account_id)
        async with self._db.write() as tx:
            if account_id is not None and await store.count(tx, kind, account_id) >= MOST_OWN:
                raise TooManyOwn(maximum=MOST_OWN)
            await store.add(
                tx, id=made, kind=kind, account_id=account_id, tier=tier, state=state, created_at=now, changed_at=now,
                **sealed,
            )  # fmt: skip
            await self._moved(tx, account_id, state)
        return made

    async def visible(self, kind: Kind, account_id: str | None) -> list[Registration]:
        """Public ones and the account's own, oldest first; for None the operator's instead."""
        async with self._db.read() as tx:
            rows = await store.visible(tx, kind, account_id)
        return [entry for row in rows if (entry := await self._opened(row)) is not None]

    async def proposed(self) -> list[Registration]:
        """What waits for an admin, oldest first."""
        async with self._db.read() as tx:
            rows = await store.proposed(tx)
        return [entry for row in rows if (entry := await self._opened(row)) is not None]

    async def own(self, id: str, account_id: str | None) -> Registration:
        """An entry of the account, of the operator for None. Raises NotRegistered, also for somebody else's."""
        entry = await self._any(id)
        if entry.account_id != account_id:
            raise NotRegistered
        return entry

    async def change(self, id: str, account_id: str, content: Mapping[str, Any]) -> None:
        """Other content. It is private again: whoever looks at it for everybody must have seen what it says now.

        Raises NotRegistered.
        """
        entry = await self.own(id, account_id)
        await self._become(entry, "private", await self._sealed(content, account_id))

    async def propose(self, id: str, account_id: str) -> None:
        """Ask that everybody may see it. Raises NotRegistered."""
        entry = await self.own(id, account_id)
        if entry.state == "private":
            await self._become(entry, "proposed", {})

    async def withdraw(self, id: str, account_id: str) -> None:
        """Take it back from everybody. Raises NotRegistered."""
        entry = await self.own(id, account_id)
        await self._become(entry, "private", await self._sealed(entry.content, account_id))

    async def approve(self, id: str) -> Registration:
        """For the admin. Its content is nobody's secret from now on. Raises NotRegistered, NotWaiting."""
        entry = await self._waiting(id)
        await self._become(
            entry, PUBLIC, {"content": None, "facts": json.dumps(dict(entry.content), ensure_ascii=False)}
        )
        return Registration(entry.id, entry.kind, entry.account_id, PUBLIC, entry.content)

    async def refuse(self, id: str) -> None:
        """For the admin: it stays its owner's; the operator's own goes. Raises NotRegistered, NotWaiting."""
        entry = await self._waiting(id)
        if entry.account_id is None:
            await self._drop(entry)
        else:
            await self._become(entry, "private", {})

    async def remove(self, id: str, account_id: str | None) -> None:
        """Raises NotRegistered, also for somebody else's."""
        await self._drop(await self.own(id, account_id))

    async def versions(self, account_id: str | None) -> tuple[int, int]:
        """Numbers that move when something changes for everybody, and for this account."""
        own = _scope(account_id)
        async with self._db.read() as tx:
            numbers = await store.version_numbers(tx, (PUBLIC, own))
        return numbers.get(PUBLIC, 0), numbers.get(own, 0)

    async def _waiting(self, id: str) -> Registration:
        entry = await self._any(id)
        if entry.state != "proposed":
            raise NotWaiting
        return entry

    async def _any(self, id: str) -> Registration:
        async with self._db.read() as tx:
            row = await store.get(tx, id) if is_id(id) else None
        entry = None if row is None else await self._opened(row)
        if entry is None:
            raise NotRegistered
        return entry

    async def _become(self, entry: Registration, state: str, values: Mapping[str, Any]) -> None:
        async with self._db.write() as tx:
            await store.change(tx, entry.id, state=state, changed_at=self._clock.now(), **values)
            await self._moved(tx, entry.account_id, entry.state, state)

    async def _drop(self, entry: Registration) -> None:
        async with self._db.write() as tx:
            await store.remove(tx, entry.id)
            await self._moved(tx, entry.account_id, entry.state)

    async def _moved(self, tx: Tx, account_id: str | None, *states: str) -> None:
        await store.move_versions(tx, [_scope(account_id), *([PUBLIC] if PUBLIC in states else [])])

    async def _sealed(self, content: Mapping[str, Any], account_id: str | None) -> dict[str, Any]:
        if account_id is None:  # the operator's own facts are nobody's secret
            return {"content": None, "facts": json.dumps(dict(content), ensure_ascii=False)}
        key = await self._keys.key(account_scope(account_id))
        return {"content": key.seal(dict(content)), "facts": None}

    async def _opened(self, row: Any) -> Registration | None:
        """None where its key is gone, and its content with it."""
        if row["facts"] is not None:
            content = json.loads(row["facts"])
        else:
            try:
                content = (await self._keys.key(account_scope(row["account_id"]))).open(row["content"])
            except KeyLost:
                return None
        return Registration(row["id"], row["kind"], row["account_id"], row["state"], content)


def _scope(account_id: str | None) -> str:
    return "operator" if account_id is None else account_scope(account_id)
