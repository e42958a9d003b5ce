"""Numbers without gaps, replay and following, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from base.bell import LocalBell
from base.db import Database
from base.errors import NotFound
from base.events import PAGE, Event, EventLog, envelope
from base.testing import ManualClock, MemoryKeyStore
from tests.patience import PATIENCE_S

STREAM = "conversation:1"


@pytest.fixture
async def log(database: Database, events: EventLog, keys: MemoryKeyStore) -> EventLog:
    async with database.write() as tx:
        await keys.create(tx, "scope", "account", "standard")
        await events.open(tx, STREAM, "scope")
    return events


async def append(database: Database, log: EventLog, number: int) -> int:
    async with database.write() as tx:
        return await log.append(tx, STREAM, "note", {"n": number})


async def test_numbers_have_no_gaps_under_fifty_concurrent_appends(database: Database, log: EventLog) -> None:
    numbers = await asyncio.gather(*(append(database, log, n) for n in range(50)))

    assert sorted(numbers) == list(range(1, 51))
    assert [event.number for event in await log.read(STREAM)] == list(range(1, 51))


async def test_an_append_that_is_rolled_back_leaves_no_hole(database: Database, log: EventLog) -> None:
    await append(database, log, 1)
    with pytest.raises(RuntimeError):
        async with database.write() as tx:
            await log.append(tx, STREAM, "note", {"n": 2})
            raise RuntimeError
    await append(database, log, 3)

    assert [(event.number, event.data["n"]) for event in await log.read(STREAM)] == [(1, 1), (2, 3)]


async def test_a_reader_replays_from_any_number(database: Database, log: EventLog) -> None:
    for n in range(5):
        await append(database, log, n)

    assert [event.number for event in await log.read(STREAM, after=3)] == [4, 5]
    assert await log.last(STREAM) == 5
    assert await log.last("conversation:unknown") == 0


async def test_an_unknown_stream_takes_nothing(database: Database, events: EventLog) -> None:
    async with database.write() as tx:
        with pytest.raises(NotFound):
            await events.append(tx, "conversation:unknown", "note", {})


async def test_a_follower_sees_the_past_then_the_present(database: Database, log: EventLog) -> None:
    await append(database, log, 0)
    follower = log.follow(STREAM)
    seen = [await anext(follower)]
    waiting = asyncio.ensure_future(take(follower, 3))
    for n in range(1, 4):
        await append(database, log, n)
    seen += await waiting
    await follower.aclose()  # type: ignore[attr-defined]

    assert [event.number for event in seen] == [1, 2, 3, 4]


async def test_a_follower_that_hears_no_bell_still_sees_everything(
    database: Database, log: EventLog, keys: MemoryKeyStore, clock: ManualClock
) -> None:
    await append(database, log, 0)
    deaf = EventLog(database, keys, LocalBell(), clock)
    follower = deaf.follow(STREAM)
    seen = await take(follower, 1)
    waiting = asyncio.ensure_future(take(follower, 2))
    await append(database, log, 1)
    await append(database, log, 2)

    assert [event.number for event in seen + await waiting] == [1, 2, 3]
    await follower.aclose()  # type: ignore[attr-defined]


async def test_many_who_follow_in_silence_share_one_look(database: Database, log: EventLog) -> None:
    with asked_of(database) as statements:
        waiting = [asyncio.ensure_future(take(log.follow(STREAM), 1)) for _ in range(20)]
        await _until(lambda: sum("FROM events" in one for one in statements) >= 20)
        await _until(lambda: sum("FROM events" not in one for one in statements) >= 2)
        assert sum("FROM events" in one for one in statements) == 20
        await append(database, log, 0)
        assert {event.number for [event] in await asyncio.gather(*waiting)} == {1}


async def test_more_than_a_page_is_followed_without_waiting_for_a_bell(database: Database, log: EventLog) -> None:
    async with database.write() as tx:
        for n in range(PAGE + 5):
            await log.append(tx, STREAM, "note", {"n": n})
    follower = log.follow(STREAM)

    assert [event.number for event in await take(follower, PAGE + 5)] == list(range(1, PAGE + 6))
    await follower.aclose()  # type: ignore[attr-defined]


async def test_transient_events_have_no_number_and_are_not_kept(database: Database, log: EventLog, bell: LocalBell) -> None:
    follower = log.follow(STREAM)
    waiting = asyncio.ensure_future(anext(follower))
    await until_listening(bell, STREAM)
    log.publish(STREAM, "run.progress", {"fraction": 0.5})
    event = await waiting
    await follower.aclose()  # type: ignore[attr-defined]

    assert (event.number, event.data) == (None, {"fraction": 0.5})
    assert "id" not in envelope(event)
    assert await log.read(STREAM) == []


async def test_a_deleted_stream_is_gone_with_its_events(database: Database, log: EventLog) -> None:
    await append(database, log, 0)
    async with database.write() as tx:
        await log.delete(tx, STREAM)

    assert await log.read(STREAM) == []
    assert await log.last(STREAM) == 0


async def test_a_frame_names_number_type_and_moment_first(database: Database, log: EventLog) -> None:
    await append(database, log, 7)
    (event,) = await log.read(STREAM)

    assert list(envelope(event).items()) == [("id", 1), ("type", "note"), ("at", "2026-01-01T00:00:00.000Z"), ("n", 7)]


async def take(follower: AsyncIterator[Event], count: int) -> list[Event]:
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(follower) for _ in range(count)]


async def until_listening(bell: LocalBell, topic: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while topic not in bell._listeners:
            await asyncio.sleep(0)


@contextmanager
def asked_of(database: Database) -> Iterator[list[str]]:
    """Its SELECTs, as they come."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)
