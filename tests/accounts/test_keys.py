"""Data keys: wrapped at rest, one per scope, gone when forgotten."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from accounts.errors import TierUnavailable
from accounts.keys import REMEMBERED, StandardKeyStore
from accounts.model import Account
from accounts.service import Accounts
from accounts.tables import data_keys
from base.db import Database
from base.errors import KeyLost
from base.testing import ManualClock
from tests.accounts.conftest import MASTER


@pytest.fixture
async def owner(accounts: Accounts) -> Account:
    return await accounts.create_anonymous()


async def test_another_process_opens_what_this_one_sealed(
    database: Database, standard_keys: StandardKeyStore, owner: Account, clock: ManualClock
) -> None:
    sealed = (await _created(database, standard_keys, "conversation:1", owner)).seal({"words": "a blue fox"})
    other = StandardKeyStore(database, MASTER, clock)
    assert (await other.key("conversation:1")).open(sealed) == {"words": "a blue fox"}


async def test_making_a_key_twice_gives_the_first_one(
    database: Database, standard_keys: StandardKeyStore, owner: Account
) -> None:
    first = await _created(database, standard_keys, "conversation:1", owner)
    assert await _created(database, standard_keys, "conversation:1", owner) == first


async def test_fifty_makers_at_once_get_one_key(
    database: Database, standard_keys: StandardKeyStore, owner: Account
) -> None:
    made = await asyncio.gather(
        *(_created(database, standard_keys, "conversation:1", owner) for _ in range(50))
    )
    assert len({key.secret for key in made}) == 1


async def test_a_new_key_works_within_its_transaction(
    database: Database, standard_keys: StandardKeyStore, owner: Account
) -> None:
    async with database.write() as tx:
        made = await standard_keys.create(tx, "conversation:1", owner.id, "standard")
        assert await standard_keys.key("conversation:1") == made


async def test_a_rolled_back_key_never_shadows_its_successor(
    database: Database, standard_keys: StandardKeyStore, owner: Account
) -> None:
    with pytest.raises(RuntimeError):
        await _create_and_fail(database, standard_keys, owner)
    made = await _created(database, standard_keys, "conversation:1", owner)
    assert await standard_keys.key("conversation:1") == made


async def test_a_forgotten_key_takes_its_content_along(
    database: Database, standard_keys: StandardKeyStore, owner: Account
) -> None:
    await _created(database, standard_keys, "conversation:1", owner)
    async with database.write() as tx:
        await standard_keys.forget(tx, "conversation:1")
    with pytest.raises(KeyLost):
        await standard_keys.key("conversation:1")


async def test_keys_are_wrapped_at_rest(
    database: Database, standard_keys: StandardKeyStore, owner: Account
) -> None:
    key = await _created(database, standard_keys, "conversation:1", owner)
    async with database.read() as tx:
        stored = await tx.all(select(data_keys.c.wrapped))
    assert all(key.secret not in bytes(row["wrapped"]) for row in stored)


async def test_another_master_key_opens_nothing(
    database: Database, standard_keys: StandardKeyStore, owner: Account, clock: ManualClock
) -> None:
    await _created(database, standard_keys, "conversation:1", owner)
    with pytest.raises(KeyLost):
        await StandardKeyStore(database, b"x" * 32, clock).key("conversation:1")


async def test_the_incognito_tier_is_refused_rather_than_pretended(
    database: Database, standard_keys: StandardKeyStore, owner: Account
) -> None:
    with pytest.raises(TierUnavailable):
        async with database.write() as tx:
            await standard_keys.create(tx, "conversation:1", owner.id, "incognito")


async def test_memory_holds_the_keys_that_were_used_last(sqlite: Database, clock: ManualClock) -> None:
    keys = StandardKeyStore(sqlite, MASTER, clock)
    owner = await Accounts(sqlite, keys, clock, b"c" * 32).create_anonymous()
    async with sqlite.write() as tx:
        for number in range(REMEMBERED + 5):
            await keys.create(tx, f"conversation:{number}", owner.id, "standard")
    assert (await keys.key("conversation:0")).scope == "conversation:0"


async def _created(database: Database, keys: StandardKeyStore, scope: str, owner: Account):  # type: ignore[no-untyped-def]
    async with database.write() as tx:
        return await keys.create(tx, scope, owner.id, "standard")


async def _create_and_fail(database: Database, keys: StandardKeyStore, owner: Account) -> None:
    async with database.write() as tx:
        await keys.create(tx, "conversation:1", owner.id, "standard")
        raise RuntimeError("the rest of the transaction failed")
