"""The types of people: an account, the ways it is known, a token, a remembered answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Account:
    """A person, as far as we need to know them."""

    id: str
    tier: str
    created_at: datetime

    @property
    def scope(self) -> str:
        """The scope of the account's own shelf: what belongs to it and to no conversation."""
        return account_scope(self.id)


@dataclass(frozen=True)
class Cookie:
    """What a valid cookie says: who, and since when (UTC)."""

    account_id: str
    issued_at: datetime


@dataclass(frozen=True)
class Token:
    """An API token without its secret, which is never stored."""

    id: str
    name: str = field(repr=False)
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class NewToken:
    """A token just made: the only moment at which its secret is known."""

    id: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Ticket:
    """The right to answer one idempotent request; `lease` proves it when the answer is recorded."""

    account_id: str
    route: str
    key_hash: str
    lease: str


@dataclass(frozen=True)
class Fresh:
    """This request is the first of its key: do it, then `finish` with the ticket."""

    ticket: Ticket


@dataclass(frozen=True)
class Replay:
    """This request was answered before. `body_sha256` is the first one's, for who learns theirs late."""

    status: int
    body: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body_sha256: str | None


Identity = dict[str, Any]


def account_scope(account_id: str) -> str:
    """The data key's scope of an account's own shelf."""
    return f"account:{account_id}"
