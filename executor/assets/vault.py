"""Bytes and who needs them: a row per object says how many assets are made of it and how many are about to be.

The order makes it safe for any number of processes: bytes are stored before the asset that needs them is written, and deleted
after the row that let go of them. A row that nobody needs is marked gone while it is locked for counting; a gone row is never
taken up again - the same bytes, brought once more, get another key - so that deleting its object can hurt nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from base.clock import Clock
from base.db import Database, Tx
from base.errors import DatabaseUnreachable
from base.ids import new_id
from base.log import get_logger
from executor.assets import store
from executor.assets.objects import (
    POSTER,
    Gone,
    Listed,
    Objects,
    Spoiled,
    checked,
    digest_of,
    key_of,
    poster_of,
)
from executor.assets.workshop import Stored
from executor.errors import BytesGone
from executor.model import Owner
from executor.room import needed

log = get_logger(__name__)
GRACE = timedelta(days=1)
"""How long bytes may lie that nobody needs yet: longer than any upload or render takes."""
_BATCH = 500


@dataclass
class Held:
    """Bytes that are stored and will not be swept while they are held."""

    key: str
    settled: bool = False


@dataclass(frozen=True)
class Swept:
    """What a sweep found: rows nobody needed, objects nobody knew, rows without their object."""

    released: int
    strangers: int
    missing: int


class Vault:
    """The one place that puts and deletes objects."""

    def __init__(self, objects: Objects, db: Database, clock: Clock) -> None:
        self.objects, self._db, self._clock = objects, db, clock

    @asynccontextmanager
    async def holding(
        self, owner: Owner, stored: Stored, media_type: str, poster: tuple[Stored, str] | None
    ) -> AsyncIterator[Held]:
        """Store the bytes, where the owner has not the same already, and hold them; let go of them unless they are settled.
        Where the database went away nobody knows whether they are: what nobody needs then, a sweep finds by its age."""
        held = Held(await self._reserve(owner, stored))
        try:
            await self._put(held.key, stored, media_type, poster)
            yield held
        except DatabaseUnreachable:
            held.settled = True
            raise
        finally:
            if not held.settled:
                await self._let_go(held.key)

    async def settle(self, tx: Tx, held: Held) -> None:
        """An asset is made of these bytes, in the caller's transaction. Raises BytesGone."""
        if not await store.settle_blob(tx, held.key, self._clock.now()):
            raise BytesGone
        tx.after_commit(lambda: setattr(held, "settled", True))

    async def share(self, tx: Tx, key: str) -> None:
        """One more asset is made of what another is made of, in the caller's transaction. Raises BytesGone."""
        if not await store.share_blob(tx, key, self._clock.now()):
            raise BytesGone

    async def give_up(self, tx: Tx, key: str) -> None:
        """An asset is made of these bytes no longer, in the caller's transaction; `erase` follows it."""
        await store.drop_ref(tx, key)

    async def erase(self, *keys: str) -> None:
        """Delete these objects, if nobody needs them: what is deleted is deleted now, not at the next sweep."""
        async with self._db.read() as tx:
            gone = await store.gone_among(tx, keys)
        if gone:
            await self._bury(gone)

    async def sweep(self, grace: timedelta = GRACE) -> Swept:
        """Delete what nobody needs, and what nobody knows of. Any number may sweep at once."""
        before = self._clock.now() - grace
        async with self._db.write() as tx:
            await store.mark_unneeded(tx, before)
            unneeded = await store.gone_blobs(tx)
        await self._bury(unneeded)
        strangers, missing = await self._compare(before)
        await self.objects.delete(strangers)
        found = Swept(len(unneeded), len(strangers), missing)
        log.info("assets_swept", released=found.released, strangers=found.strangers, missing=found.missing)
        return found

    async def _reserve(self, owner: Owner, stored: Stored) -> str:
        digest, now = digest_of(owner.account_id, owner.tier, stored.sha256), self._clock.now()
        async with self._db.write() as tx:
            key = await store.hold_blob(tx, digest, now)
            if key is None:
                key = key_of(owner.tier, digest, new_id()[-12:])
                await store.insert_blob(tx, key, digest, stored.bytes, now)
        return key

    async def _put(self, key: str, stored: Stored, media_type: str, poster: tuple[Stored, str] | None) -> None:
        """Whatever the row says, the storage is asked: bytes that were lost come back with the next upload of them."""
        with needed():
            if poster is not None and await self.objects.size(poster_of(key)) is None:
                await self.objects.put(poster_of(key), *poster)
            if not await self._keeps(key, stored):
                await self.objects.put(key, stored, media_type)

    async def _keeps(self, key: str, stored: Stored) -> bool:
        """Whether these very bytes lie there. That is read, not believed: who brings them again mends what was spoiled."""
        if await self.objects.size(key) != stored.bytes:
            return False
        try:
            async for _ in checked(self.objects.read(key, 0, stored.bytes), stored.sha256):
                pass
        except (Gone, Spoiled) as error:
            log.error("bytes_replaced", reason=type(error).__name__)
            return False
        return True

    async def _let_go(self, key: str) -> None:
        async with self._db.write() as tx:
            await store.drop_hold(tx, key)
        await self.erase(key)

    async def _bury(self, keys: list[str]) -> None:
        """The objects first: a row without object would be swept again, an object without row only by its age."""
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            await self.objects.delete([name for key in batch for name in (key, poster_of(key))])
            async with self._db.write() as tx:
                await store.delete_blobs(tx, batch)

    async def _compare(self, before: datetime) -> tuple[list[str], int]:
        """Objects that are old and have no row, and how many rows have no object."""
        strangers: list[str] = []
        batch: list[Listed] = []
        present = 0
        async for one in self.objects.listing():
            batch.append(one)
            if len(batch) == _BATCH:
                present += await self._strange(batch, before, strangers)
                batch = []
        present += await self._strange(batch, before, strangers)
        async with self._db.read() as tx:
            settled = await store.count_settled(tx)
        return strangers, max(0, settled - present)

    async def _strange(self, batch: list[Listed], before: datetime, strangers: list[str]) -> int:
        """Adds to `strangers`; returns how many of the batch are objects of settled rows."""
        names = {one.key.removesuffix(POSTER) for one in batch}
        async with self._db.read() as tx:
            known = await store.known_blobs(tx, names)
        strangers += [one.key for one in batch if one.key.removesuffix(POSTER) not in known and one.modified < before]
        return sum(known.get(one.key, False) for one in batch)
