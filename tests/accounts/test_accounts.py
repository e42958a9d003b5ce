"""People are known again, and only they."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.errors import TokenNotFound, TooManyAccounts
from accounts.keys import StandardKeyStore
from accounts.service import Accounts
from accounts.tables import accounts as account_rows
from accounts.tables import api_tokens
from base.db import Database
from base.ids import new_id
from base.settings import Limits
from base.testing import ManualClock

DAY_S = timedelta(days=1).total_seconds()


async def test_an_anonymous_account_has_its_own_key(
    accounts: Accounts, standard_keys: StandardKeyStore
) -> None:
    account = await accounts.create_anonymous()
    assert account.tier == "standard"
    assert (await standard_keys.key(f"account:{account.id}")).scope == account.scope


async def test_the_cookie_brings_the_account_back(accounts: Accounts) -> None:
    account = await accounts.create_anonymous()
    assert await accounts.by_cookie(accounts.cookie(account)) == account
    assert await accounts.get(account.id) == account


async def test_a_forged_cookie_brings_nobody_back(accounts: Accounts) -> None:
    account = await accounts.create_anonymous()
    assert await accounts.by_cookie(accounts.cookie(account)[:-2] + "xx") is None
    assert await accounts.by_cookie("") is None


async def test_a_cookie_outlives_no_account(accounts: Accounts, database: Database) -> None:
    account = await accounts.create_anonymous()
    async with database.write() as tx:
        await tx.execute(account_rows.delete())
    assert await accounts.by_cookie(accounts.cookie(account)) is None


async def test_a_cookie_that_grows_old_is_to_be_renewed(accounts: Accounts, clock: ManualClock) -> None:
    value = accounts.cookie(await accounts.create_anonymous())
    assert not accounts.wants_new_cookie(value)
    clock.advance(40 * DAY_S)
    assert accounts.wants_new_cookie(value)


async def test_being_here_is_noted_once_an_hour(
    accounts: Accounts, database: Database, clock: ManualClock
) -> None:
    account = await accounts.create_anonymous()
    clock.advance(60)
    await accounts.by_cookie(accounts.cookie(account))
    assert await _seen(database) == account.created_at
    clock.advance(DAY_S)
    await accounts.by_cookie(accounts.cookie(account))
    assert await _seen(database) == clock.now()


async def test_a_token_opens_its_account(accounts: Accounts) -> None:
    account = await accounts.create_anonymous()
    made = await accounts.create_token(account, "laptop")
    assert await accounts.by_token(made.token) == account
    assert [token.name for token in (await accounts.tokens(account.id, None, 10))[0]] == ["laptop"]


async def test_a_token_is_nowhere_at_rest(accounts: Accounts, database: Database) -> None:
    made = await accounts.create_token(await accounts.create_anonymous(), "my secret laptop")
    async with database.read() as tx:
        row = await tx.one(select(api_tokens))
    assert made.token not in repr(row)
    assert "laptop" not in repr(row)
    assert made.token not in repr(made)


async def test_a_revoked_token_is_worth_nothing(accounts: Accounts) -> None:
    account = await accounts.create_anonymous()
    made = await accounts.create_token(account, "laptop")
    await accounts.revoke_token(account.id, made.id)
    assert await accounts.by_token(made.token) is None
    assert (await accounts.tokens(account.id, None, 10))[0] == []
    with pytest.raises(TokenNotFound):
        await accounts.revoke_token(account.id, made.id)


async def test_nobody_revokes_somebody_else_s_token(accounts: Accounts) -> None:
    mine, theirs = await accounts.create_anonymous(), await accounts.create_anonymous()
    made = await accounts.create_token(theirs, "laptop")
    for token_id in (made.id, new_id(), "nonsense\0"):
        with pytest.raises(TokenNotFound):
            await accounts.revoke_token(mine.id, token_id)
    assert await accounts.by_token(made.token) == theirs


async def test_tokens_come_in_pages(accounts: Accounts) -> None:
    account = await accounts.create_anonymous()
    made = [(await accounts.create_token(account, f"t{number}")).id for number in range(5)]
    seen, after = [], None
    while True:
        page, after = await accounts.tokens(account.id, after, 2)
        seen += [token.id for token in page]
        if after is None:
            break
    assert seen == made[::-1]


async def test_me_lists_how_i_am_known(accounts: Accounts) -> None:
    account = await accounts.create_anonymous()
    await accounts.create_token(account, "laptop")
    me = await accounts.me(account)
    assert me["account_id"] == account.id
    assert [identity["kind"] for identity in me["identities"]] == ["web_session", "api_token"]
    assert await accounts.count() == 1


async def test_the_use_of_a_token_is_noted_once_a_minute(accounts: Accounts, clock: ManualClock) -> None:
    account = await accounts.create_anonymous()
    made = await accounts.create_token(account, "program")
    used = []
    for seconds in (0, 59, 1, 30):
        clock.advance(seconds)
        assert await accounts.by_token(made.token)
        used.append((await accounts.tokens(account.id, None, 9))[0][0].last_used_at)
    began = clock.now() - timedelta(seconds=90)
    assert used == [began, began, *[began + timedelta(seconds=60)] * 2]


async def test_so_many_accounts_are_made_for_one_address_within_an_hour(
    database: Database, standard_keys: StandardKeyStore, clock: ManualClock
) -> None:
    accounts = Accounts(database, standard_keys, clock, b"c" * 32, Limits(new_accounts=3))
    for _ in range(3):
        await accounts.create_anonymous("2001:db8::1")
        clock.advance(60)
    with pytest.raises(TooManyAccounts) as refused:
        await accounts.create_anonymous("2001:db8::ffff")
    assert refused.value.facts["retry_after"] == 57 * 60
    assert "57 minutes" in refused.value.next_step
    await accounts.create_anonymous("2001:db8:0:1::1")
    await accounts.create_anonymous("127.0.0.1")
    clock.advance(57 * 60)
    await accounts.create_anonymous("2001:db8::ffff")
    with pytest.raises(TooManyAccounts):
        await accounts.create_anonymous("2001:db8::2")


async def test_of_many_at_the_same_moment_no_more_are_made(database: Database, standard_keys: StandardKeyStore) -> None:
    accounts = Accounts(database, standard_keys, ManualClock(), b"c" * 32, Limits(new_accounts=3))
    ends = await asyncio.gather(*(accounts.create_anonymous("192.0.2.1") for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(end, TooManyAccounts) for end in ends) == 5
    assert await accounts.count() == 3


async def test_no_address_is_kept(accounts: Accounts, database: Database) -> None:
    await accounts.create_anonymous("192.0.2.17")
    async with database.read() as tx:
        [row] = await tx.all(select(account_rows))
    assert "192.0.2" not in str(dict(row))
    assert len(row["made_from"]) == 64


async def _seen(database: Database) -> object:
    async with database.read() as tx:
        return await tx.scalar(select(account_rows.c.seen_at))
