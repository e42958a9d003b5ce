"""What lies under a scope that has no key any more: nobody can read its rows, and its pictures are nobody's.

Whoever forgets a key has what lies there cleared at once; what was still under way then, and what was left when a process died,
is found again and again. Nothing is added meanwhile, because whoever keeps something for good holds the key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from base.crypto import KeyStore
from base.db import Database, Tx
from base.events import EventLog
from base.log import get_logger
from executor.assets.service import AssetService
from executor.clearing import store

log = get_logger(__name__)
PORTION = 100  # rows in a transaction, so that nobody waits long for it
LOOK = 500  # scopes that are asked about at once
_RUN = "run:"


class Forgotten:
    """Implements executor.protocols.Leavings; `sweep` comes round, in one process at a time."""

    def __init__(self, db: Database, keys: KeyStore, events: EventLog, assets: AssetService) -> None:
        self._db, self._keys, self._events, self._assets = db, keys, events, assets

    async def clear(self, scope: str) -> None:
        """Delete what lies under a scope whose key is gone; runs that are not over yet, and what tells of them, stay."""
        async with self._db.read() as tx:
            if not await self._keys.lost(tx, [scope]):
                return
        await self._assets.delete_scope(scope)
        await _all_of(lambda: self._runs(scope))
        await _all_of(lambda: self._streams(scope))

    async def sweep(self) -> None:
        """The same for every scope that has no key."""
        found: set[str] = set()
        for look in (store.scopes_of_assets, store.scopes_of_runs, self._events.scopes):
            found |= await self._lost(look)
        for scope in sorted(found):
            await self.clear(scope)
        if found:
            log.info("forgotten_cleared", scopes=len(found))

    async def _lost(self, look: Callable[[Tx, str, int], Awaitable[list[str]]]) -> set[str]:
        found: set[str] = set()
        after = ""
        while True:
            async with self._db.read() as tx:
                scopes = await look(tx, after, LOOK)
                found |= await self._keys.lost(tx, scopes)
            if len(scopes) < LOOK:
                return found
            after = scopes[-1]

    async def _runs(self, scope: str) -> bool:
        async with self._db.write() as tx:
            ids = await store.over_in_scope(tx, scope, PORTION)
            await store.delete_runs(tx, ids)
            await self._events.delete(tx, *(_RUN + run_id for run_id in ids))
        return len(ids) == PORTION

    async def _streams(self, scope: str) -> bool:
        """What no run writes to any more: a run that ends tells so in its own."""
        async with self._db.write() as tx:
            names = await self._events.of_scope(tx, scope, PORTION)
            there = await store.existing(tx, [name.removeprefix(_RUN) for name in names])
            left = [name for name in names if name.removeprefix(_RUN) not in there]
            await self._events.delete(tx, *left)
        return len(left) == PORTION


async def _all_of(portion: Callable[[], Awaitable[bool]]) -> None:
    while await portion():
        pass
