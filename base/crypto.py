"""Sealed content: AES-GCM with a data key per scope (a conversation, or an account's own shelf).

A `Sealed` column takes and gives only `Envelope`s, so that plain text cannot be stored by mistake: it must pass
through a `DataKey` first. The associated data is the scope, which ties an envelope to its key's owner.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

from base.errors import KeyLost

if TYPE_CHECKING:
    from sqlalchemy import Dialect

    from base.db import Tx

_NONCE = 12


@dataclass(frozen=True)
class Envelope:
    """Ciphertext: 12 bytes nonce, then AES-GCM output."""

    data: bytes


@dataclass(frozen=True)
class DataKey:
    """The key of one scope. Its bytes never show in a repr."""

    scope: str
    secret: bytes = field(repr=False)

    def seal(self, value: Any) -> Envelope:
        """Encrypt any JSON value."""
        plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        return Envelope(encrypt(self.secret, plain, self.scope))

    def open(self, envelope: Envelope | None) -> Any:
        """Give the JSON value back; None stays None. Raises KeyLost when the key does not fit."""
        if envelope is None:
            return None
        return json.loads(decrypt(self.secret, envelope.data, self.scope))


HOUSE = "house"
"""The scope of what belongs to no person: the operator's own. Every key store has its key without being asked to make it."""


class KeyStore(Protocol):
    """Where data keys live. The standard tier keeps them wrapped in the database; incognito only in memory."""

    async def create(self, tx: Tx, scope: str, account_id: str, tier: str) -> DataKey:
        """Make the key of a new scope, in the caller's transaction."""
        ...

    async def key(self, scope: str) -> DataKey:
        """The key of a scope. Raises KeyLost when there is none (any more)."""
        ...

    async def forget(self, tx: Tx, scope: str) -> None:
        """Destroy the key, and with it everything sealed under the scope."""
        ...

    async def hold(self, tx: Tx, scope: str) -> None:
        """Nobody forgets the key before the transaction ends, whatever is remembered of it here. Raises KeyLost when there is
        none (any more)."""
        ...

    async def lost(self, tx: Tx, scopes: Collection[str]) -> set[str]:
        """Those of the scopes that have no key (any more)."""
        ...


class Sealed(TypeDecorator[Envelope]):
    """The column type of all content: it refuses anything that is not already sealed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Envelope | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Envelope):
            raise TypeError(
                "a Sealed column takes only an Envelope; seal the value with its scope's DataKey first"
            )
        return value.data

    def process_result_value(self, value: Any, dialect: Dialect) -> Envelope | None:
        return None if value is None else Envelope(bytes(value))


def new_secret() -> bytes:
    """32 fresh random bytes."""
    return os.urandom(32)


def encrypt(secret: bytes, plain: bytes, context: str) -> bytes:
    """AES-256-GCM under a fresh nonce, bound to `context`."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(secret).encrypt(nonce, plain, context.encode())


def decrypt(secret: bytes, data: bytes, context: str) -> bytes:
    """The reverse of `encrypt`; KeyLost when key, context or bytes are not the same."""
    try:
        return AESGCM(secret).decrypt(data[:_NONCE], data[_NONCE:], context.encode())
    except InvalidTag:
        raise KeyLost from None
