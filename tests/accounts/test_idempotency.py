"""One answer per key: repeated, in conflict, at the same time, after failures."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.errors import IdempotencyConflict, IdempotencyInProgress, InvalidIdempotencyKey
from accounts.keys import StandardKeyStore
from accounts.model import Account, Fresh, Replay
from accounts.service import FENCED, Accounts, Idempotency
from accounts.tables import idempotency_keys
from base.clock import SystemClock
from base.db import Database
from base.testing import ManualClock

ROUTE = "POST /api/v1/conversations"


@pytest.fixture
async def account(accounts: Accounts) -> Account:
    return await accounts.create_anonymous()


async def test_a_repetition_hears_the_first_answer(idempotency: Idempotency, account: Account) -> None:
    first = await _begun(idempotency, account)
    await idempotency.finish(first.ticket, 201, '{"id":"x"}', {"location": "/x"})
    again = await idempotency.begin(account, ROUTE, "key", "body")
    assert again == Replay(201, '{"id":"x"}', {"location": "/x"}, "body")


async def test_another_body_under_the_same_key_is_a_conflict(
    idempotency: Idempotency, account: Account
) -> None:
    first = await _begun(idempotency, account)
    with pytest.raises(IdempotencyConflict):  # also while the first one is still at work
        await idempotency.begin(account, ROUTE, "key", "another")
    await idempotency.finish(first.ticket, 201, "{}", {})
    with pytest.raises(IdempotencyConflict):
        await idempotency.begin(account, ROUTE, "key", "another")


async def test_keys_belong_to_account_and_route(
    idempotency: Idempotency, account: Account, accounts: Accounts
) -> None:
    await _begun(idempotency, account)
    assert isinstance(await idempotency.begin(account, "POST /other", "key", "another"), Fresh)
    assert isinstance(
        await idempotency.begin(await accounts.create_anonymous(), ROUTE, "key", "another"), Fresh
    )


async def test_twenty_at_once_are_done_once(idempotency: Idempotency, account: Account) -> None:
    done = 0

    async def request() -> str:
        nonlocal done
        found = await idempotency.begin(account, ROUTE, "key", "body")
        if isinstance(found, Replay):
            return found.body
        done += 1
        await idempotency.finish(found.ticket, 202, f"answer {done}", {})
        return f"answer {done}"

    assert set(await asyncio.gather(*(request() for _ in range(20)))) == {"answer 1"}
    assert done == 1


async def test_who_waits_too_long_is_told_to_come_back(
    database: Database, standard_keys: StandardKeyStore, account: Account
) -> None:
    impatient = Idempotency(database, standard_keys, SystemClock(), patience_s=0.0)
    await _begun(impatient, account)
    with pytest.raises(IdempotencyInProgress) as caught:
        await impatient.begin(account, ROUTE, "key", "body")
    assert caught.value.facts == {"retry_after": 1}


async def test_after_a_failure_of_ours_a_retry_is_fresh(idempotency: Idempotency, account: Account) -> None:
    first = await _begun(idempotency, account)
    await idempotency.finish(first.ticket, 503, "{}", {})
    assert isinstance(await idempotency.begin(account, ROUTE, "key", "body"), Fresh)


async def test_a_refusal_leaves_the_key_to_the_corrected_request(idempotency: Idempotency, account: Account) -> None:
    first = await _begun(idempotency, account)
    await idempotency.finish(first.ticket, 422, "{}", {})
    assert isinstance(await idempotency.begin(account, ROUTE, "key", "corrected"), Fresh)


async def test_a_waiter_takes_over_when_the_first_one_fails(
    idempotency: Idempotency, account: Account
) -> None:
    first = await _begun(idempotency, account)
    waiter = asyncio.create_task(idempotency.begin(account, ROUTE, "key", "body"))
    await asyncio.sleep(0)
    await idempotency.release(first.ticket)
    assert isinstance(await waiter, Fresh)


async def test_an_answer_is_kept_for_a_day(
    database: Database, standard_keys: StandardKeyStore, account: Account, clock: ManualClock
) -> None:
    kept = Idempotency(database, standard_keys, clock)
    await kept.finish((await _begun(kept, account)).ticket, 201, "{}", {})
    clock.advance(timedelta(hours=23, minutes=59).total_seconds())
    assert isinstance(await kept.begin(account, ROUTE, "key", "body"), Replay)
    clock.advance(61)
    assert isinstance(await kept.begin(account, ROUTE, "key", "body"), Fresh)


async def test_who_lost_the_key_cannot_answer_under_it(
    database: Database, standard_keys: StandardKeyStore, account: Account, clock: ManualClock
) -> None:
    kept = Idempotency(database, standard_keys, clock)
    dead = await _begun(kept, account)
    clock.advance(timedelta(minutes=11).total_seconds())
    await kept.finish((await _begun(kept, account)).ticket, 201, "the new one", {})
    await kept.finish(dead.ticket, 201, "the dead one", {})
    await kept.release(dead.ticket)
    again = await kept.begin(account, ROUTE, "key", "body")
    assert isinstance(again, Replay)
    assert again.body == "the new one"


async def test_a_restart_frees_what_was_at_work(idempotency: Idempotency, account: Account) -> None:
    await _begun(idempotency, account)
    await idempotency.release_all()
    assert isinstance(await idempotency.begin(account, ROUTE, "key", "body"), Fresh)


async def test_what_has_lapsed_is_swept_and_the_rest_stays(
    database: Database, standard_keys: StandardKeyStore, clock: ManualClock, account: Account
) -> None:
    kept = Idempotency(database, standard_keys, clock)
    await kept.finish((await _begun(kept, account)).ticket, 201, "{}", {})
    clock.advance(timedelta(hours=23).total_seconds())
    assert isinstance(await kept.begin(account, ROUTE, "younger", "body"), Fresh)
    assert await kept.sweep() == 0
    clock.advance(timedelta(minutes=61).total_seconds())
    assert await kept.sweep() == 2  # the younger one was never answered
    assert await kept.sweep() == 0


async def test_a_body_that_streams_is_compared_at_its_end(idempotency: Idempotency, account: Account) -> None:
    first = await idempotency.begin(account, ROUTE, "key", None)
    assert isinstance(first, Fresh)
    await idempotency.finish(first.ticket, 201, "{}", {}, "body")
    again = await idempotency.begin(account, ROUTE, "key", None)
    assert isinstance(again, Replay)
    assert again.body_sha256 == "body"


async def test_answers_and_keys_are_not_readable_at_rest(
    idempotency: Idempotency, account: Account, database: Database
) -> None:
    first = await idempotency.begin(account, ROUTE, "secret-key", "body")
    assert isinstance(first, Fresh)
    await idempotency.finish(first.ticket, 201, "a blue fox", {})
    async with database.read() as tx:
        row = await tx.one(select(idempotency_keys))
    assert row is not None
    assert b"blue fox" not in row["answer"].data
    assert "secret-key" not in repr(row)


@pytest.mark.parametrize("key", ["", "with space", "naïve", "x" * 256, "line\nbreak"])
async def test_a_key_is_short_plain_text(idempotency: Idempotency, account: Account, key: str) -> None:
    with pytest.raises(InvalidIdempotencyKey):
        await idempotency.begin(account, ROUTE, key, "body")


async def _begun(idempotency: Idempotency, account: Account) -> Fresh:
    found = await idempotency.begin(account, ROUTE, "key", "body")
    assert isinstance(found, Fresh)
    return found


async def test_an_answer_kept_with_what_was_done_outlives_whoever_gave_it(
    idempotency: Idempotency, account: Account, database: Database
) -> None:
    first = await idempotency.begin(account, ROUTE, "key", "body", FENCED)
    assert isinstance(first, Fresh)
    async with database.write() as tx:
        await idempotency.keep(tx, first.ticket, 202, '{"run_id":"x"}', {})
    await idempotency.release(first.ticket)  # it thought that the commit had failed
    again = await idempotency.begin(account, ROUTE, "key", "body", FENCED)
    assert again == Replay(202, '{"run_id":"x"}', {}, "body")


async def test_who_lost_the_key_meanwhile_writes_nothing(
    account: Account, database: Database, standard_keys: StandardKeyStore, clock: ManualClock
) -> None:
    idempotency = Idempotency(database, standard_keys, clock)
    slow = await idempotency.begin(account, ROUTE, "key", "body", FENCED)
    assert isinstance(slow, Fresh)
    clock.advance(FENCED.total_seconds() + 1)
    second = await idempotency.begin(account, ROUTE, "key", "body", FENCED)
    assert isinstance(second, Fresh)
    with pytest.raises(IdempotencyInProgress):
        async with database.write() as tx:
            await idempotency.keep(tx, slow.ticket, 202, "{}", {})
