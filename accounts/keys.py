"""The key store of the standard tier: data keys in the database, each wrapped by the master key."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Collection

from accounts import store
from accounts.errors import TierUnavailable, WrongMasterKey
from base import marks
from base.clock import Clock
from base.crypto import HOUSE, DataKey, decrypt, encrypt, new_secret
from base.db import Database, Tx
from base.errors import KeyLost

_MARK = "master_key"
REMEMBERED = 1024  # keys kept in memory, the least recently used one goes first
REMEMBERED_S = 60.0  # then it is asked whether there still is one: another process may have forgotten it


class StandardKeyStore:
    """Implements `base.crypto.KeyStore`.

    Only committed keys are remembered. A key whose transaction is still open is found too, because what is
    sealed first is sealed in the transaction that makes the scope; the database is asked before, so that a key
    which was rolled back can never shadow the one that was stored in its place. What another process has forgotten is
    remembered here for a minute more; who keeps something for good holds the key.
    """

    def __init__(self, db: Database, master: bytes, clock: Clock) -> None:
        self._db, self._master, self._clock = db, master, clock
        self._known: OrderedDict[str, DataKey] = OrderedDict()
        self._since: dict[str, float] = {}
        self._uncommitted: OrderedDict[str, DataKey] = OrderedDict()

    async def recognise(self) -> None:
        """See that this is the master key by which the database's content is sealed; in a new database, from now on it is.

        With another one everything would look forgotten, and be given up. Raises WrongMasterKey, SchemaBehind.
        """
        ours = hmac.digest(self._master, b"which master key this is", "sha256").hex()
        async with self._db.read() as tx:
            known = await marks.known(tx, _MARK)
        if known is None:
            async with self._db.write() as tx:
                self._opens(await store.oldest_key(tx))  # of a database that is older than its mark
                known = await marks.first(tx, _MARK, ours)
        if not hmac.compare_digest(known, ours):
            raise WrongMasterKey

    async def create(self, tx: Tx, scope: str, account_id: str, tier: str) -> DataKey:
        """Make the scope's key, or give the one it has. Raises TierUnavailable for any tier but standard."""
        if tier != "standard":
            raise TierUnavailable(f"The {tier} tier is not offered by this installation.")
        wrapped = encrypt(self._master, new_secret(), scope)
        await store.add_key(tx, scope, account_id, tier, wrapped, self._clock.now())
        key = self._unwrapped(scope, await store.wrapped_key(tx, scope))
        _remember(self._uncommitted, key)
        tx.after_commit(lambda: self._committed(key))
        return key

    async def key(self, scope: str) -> DataKey:
        """The key of a scope. Raises KeyLost when there is none (any more)."""
        if scope == HOUSE:
            return DataKey(HOUSE, hmac.digest(self._master, b"the house's own", "sha256"))
        if self._clock.monotonic() - self._since.get(scope, -REMEMBERED_S) >= REMEMBERED_S:
            self._drop(scope)
        if scope in self._known:
            self._known.move_to_end(scope)
            return self._known[scope]
        async with self._db.glance() as tx:
            wrapped = await store.wrapped_key(tx, scope)
        if wrapped is None and scope in self._uncommitted:
            return self._uncommitted[scope]
        key = self._unwrapped(scope, wrapped)
        self._keep(key)
        return key

    async def forget(self, tx: Tx, scope: str) -> None:
        """Destroy the key, and with it everything sealed under the scope."""
        await store.drop_key(tx, scope)
        tx.after_commit(lambda: self._forgotten(scope))

    async def hold(self, tx: Tx, scope: str) -> None:
        """Nobody forgets the key before the transaction ends. Raises KeyLost."""
        if scope != HOUSE and not await store.hold_key(tx, scope):
            raise KeyLost

    async def lost(self, tx: Tx, scopes: Collection[str]) -> set[str]:
        """Those of the scopes that have no key (any more)."""
        return set(scopes) - {HOUSE} - await store.scopes_with_key(tx, scopes)

    def _opens(self, wrapped: tuple[str, bytes] | None) -> None:
        try:
            if wrapped is not None:
                self._unwrapped(*wrapped)
        except KeyLost:
            raise WrongMasterKey from None

    def _unwrapped(self, scope: str, wrapped: bytes | None) -> DataKey:
        if wrapped is None:
            raise KeyLost
        return DataKey(scope, decrypt(self._master, wrapped, scope))

    def _committed(self, key: DataKey) -> None:
        self._uncommitted.pop(key.scope, None)
        self._keep(key)

    def _forgotten(self, scope: str) -> None:
        self._uncommitted.pop(scope, None)
        self._drop(scope)

    def _keep(self, key: DataKey) -> None:
        self._since[key.scope] = self._clock.monotonic()
        if (left := _remember(self._known, key)) is not None:
            self._since.pop(left, None)

    def _drop(self, scope: str) -> None:
        self._known.pop(scope, None)
        self._since.pop(scope, None)


def _remember(keys: OrderedDict[str, DataKey], key: DataKey) -> str | None:
    """Returns the scope whose key had to go for it."""
    keys[key.scope] = key
    keys.move_to_end(key.scope)
    return keys.popitem(last=False)[0] if len(keys) > REMEMBERED else None
