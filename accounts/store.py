"""SQL of accounts and API tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, text, update

from accounts.model import Account
from accounts.tables import accounts, api_tokens, data_keys
from base.crypto import Envelope
from base.db import Tx, insert_unless_there


async def add_account(tx: Tx, account: Account, place: str | None) -> None:
    """`place`: see `rules.place_of`."""
    at = account.created_at
    await tx.execute(insert(accounts).values(id=account.id, tier=account.tier, created_at=at, seen_at=at, made_from=place))


async def newcomers(tx: Tx, place: str, since: datetime) -> list[datetime]:
    """When accounts were made from this place; until the transaction ends nobody else makes one there."""
    if tx.connection.dialect.name == "postgresql":
        await tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"place:{place}"})
    query = select(accounts.c.created_at).where(accounts.c.made_from == place, accounts.c.created_at > since)
    return [row["created_at"] for row in await tx.all(query)]


async def place_of_account(tx: Tx, account_id: str) -> str | None:
    """The keyed hash of the network address that it was made from; None on this machine."""
    found: str | None = await tx.scalar(select(accounts.c.made_from).where(accounts.c.id == account_id))
    return found


def accounts_of_place(place: str) -> Select[Any]:
    """The ids of all accounts made there, for a statement of somebody else's."""
    return select(accounts.c.id).where(accounts.c.made_from == place)


async def account(tx: Tx, account_id: str) -> tuple[Account, datetime] | None:
    """The account and when it was last seen."""
    row = await tx.one(select(accounts).where(accounts.c.id == account_id))
    return None if row is None else (_account(row), row["seen_at"])


async def count_accounts(tx: Tx) -> int:
    return int(await tx.scalar(select(func.count()).select_from(accounts)))


async def touch_account(tx: Tx, account_id: str, at: datetime) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(seen_at=at))


async def add_token(tx: Tx, owner: Account, token_id: str, digest: str, name: Envelope, at: datetime) -> None:
    await tx.execute(
        insert(api_tokens).values(
            id=token_id, account_id=owner.id, tier=owner.tier, hash=digest, name=name, created_at=at
        )
    )


async def tokens(tx: Tx, account_id: str, after: str | None, limit: int) -> list[Any]:
    """Rows of the tokens that still work, newest first, older than the id `after`."""
    query = select(api_tokens).where(api_tokens.c.account_id == account_id, api_tokens.c.revoked_at.is_(None))
    if after is not None:
        query = query.where(api_tokens.c.id < after)
    return await tx.all(query.order_by(api_tokens.c.id.desc()).limit(limit))


async def account_by_token(tx: Tx, digest: str) -> tuple[Account, str, datetime | None] | None:
    """The account, the token's id and when it was last used."""
    query = (
        select(accounts, api_tokens.c.id.label("token_id"), api_tokens.c.last_used_at)
        .join(api_tokens, api_tokens.c.account_id == accounts.c.id)
        .where(api_tokens.c.hash == digest, api_tokens.c.revoked_at.is_(None))
    )
    row = await tx.one(query)
    return None if row is None else (_account(row), row["token_id"], row["last_used_at"])


async def touch_token(tx: Tx, token_id: str, at: datetime) -> None:
    await tx.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=at))


async def revoke_token(tx: Tx, account_id: str, token_id: str, at: datetime) -> bool:
    """Whether there was such a token."""
    mine = (api_tokens.c.id == token_id) & (api_tokens.c.account_id == account_id)
    alive = mine & api_tokens.c.revoked_at.is_(None)
    return bool((await tx.execute(update(api_tokens).where(alive).values(revoked_at=at))).rowcount)


async def add_key(tx: Tx, scope: str, account_id: str, tier: str, wrapped: bytes, at: datetime) -> None:
    """Store a wrapped data key unless the scope has one."""
    values = {"scope": scope, "account_id": account_id, "tier": tier, "wrapped": wrapped, "created_at": at}
    await tx.execute(insert_unless_there(tx, data_keys, values))


async def wrapped_key(tx: Tx, scope: str) -> bytes | None:
    value = await tx.scalar(select(data_keys.c.wrapped).where(data_keys.c.scope == scope))
    return None if value is None else bytes(value)


async def hold_key(tx: Tx, scope: str) -> bool:
    """Whether the scope has a key; until the transaction ends nobody drops it."""
    known = select(data_keys.c.scope).where(data_keys.c.scope == scope)
    return await tx.scalar(known.with_for_update(read=True, key_share=True)) is not None


async def scopes_with_key(tx: Tx, scopes: Collection[str]) -> set[str]:
    """Those of the scopes that have one."""
    rows = await tx.all(select(data_keys.c.scope).where(data_keys.c.scope.in_(sorted(scopes))))
    return {row["scope"] for row in rows}


async def oldest_key(tx: Tx) -> tuple[str, bytes] | None:
    """Scope and wrapped key of the scope that was made first."""
    first = data_keys.select().order_by(data_keys.c.created_at, data_keys.c.scope).limit(1)
    row = await tx.one(first)
    return None if row is None else (row["scope"], bytes(row["wrapped"]))


async def drop_key(tx: Tx, scope: str) -> None:
    await tx.execute(data_keys.delete().where(data_keys.c.scope == scope))


def _account(row: Any) -> Account:
    return Account(row["id"], row["tier"], row["created_at"])
