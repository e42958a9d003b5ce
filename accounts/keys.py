"""The key store of the standard tier: data keys in the database, each wrapped by the master key."""

from __future__ import annotations

import hmac
from collections import OrderedDict

from accounts import store
from accounts.errors import TierUnavailable, WrongMasterKey
from base import marks
from base.clock import Clock
from base.crypto import HOUSE, DataKey, decrypt, encrypt, new_secret
from base.db import Database, Tx
from base.errors import KeyLost

_MARK = "master_key"
REMEMBERED = 1024  # keys kept in memory, the least recently used one goes first


class StandardKeyStore:
    """Implements `base.crypto.KeyStore`.

    Only committed keys are remembered. A key whose transaction is still open is found too, because what is
    sealed first is sealed in the transaction that makes the scope; the database is asked before, so that a key
    which was rolled back can never shadow the one that was stored in its place.
    """

    def __init__(self, db: Database, master: bytes, clock: Clock) -> None:
        self._db, self._master, self._clock = db, master, clock
        self._known: OrderedDict[str, DataKey] = OrderedDict()
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
        if scope in self._known:
            self._known.move_to_end(scope)
            return self._known[scope]
        async with self._db.glance() as tx:
            wrapped = await store.wrapped_key(tx, scope)
        if wrapped is None and scope in self._uncommitted:
            return self._uncommitted[scope]
        key = self._unwrapped(scope, wrapped)
        _remember(self._known, key)
        return key

    async def forget(self, tx: Tx, scope: str) -> None:
        """Destroy the key, and with it everything sealed under the scope."""
        await store.drop_key(tx, scope)
        tx.after_commit(lambda: self._forgotten(scope))

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
        _remember(self._known, key)

    def _forgotten(self, scope: str) -> None:
        self._uncommitted.pop(scope, None)
        self._known.pop(scope, None)


def _remember(keys: OrderedDict[str, DataKey], key: DataKey) -> None:
    keys[key.scope] = key
    keys.move_to_end(key.scope)
    if len(keys) > REMEMBERED:
        keys.popitem(last=False)
