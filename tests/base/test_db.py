"""Transactions that keep their promises on both databases."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from base import schema
from base.db import Database, persistently, reaching
from base.errors import DatabaseBusy, DatabaseUnreachable
from base.tables import events, streams
from base.testing import ManualClock
from evals.chaos.proxy import Proxy, to_socket_file
from tests.databases import PostgresTemplate
from tests.patience import PATIENCE_S


async def take_next(database: Database) -> None:
    """Read, then insert what follows from it: the pattern that fails where a write does not lock at once."""
    async with database.write() as tx:
        await tx.execute(select(streams.c.last).where(streams.c.id == "counter").with_for_update())
        seen = int(await tx.scalar(select(func.count()).select_from(streams)))
        await tx.execute(insert(streams).values(id=f"row:{seen}", scope="s", last=0))


async def test_fifty_concurrent_reads_then_inserts_all_succeed(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(insert(streams).values(id="counter", scope="s", last=0))
    await asyncio.gather(*(take_next(database) for _ in range(50)))

    async with database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(streams)) == 51


async def test_readers_are_not_held_up_by_a_writer(database: Database) -> None:
    async with asyncio.timeout(PATIENCE_S), database.write() as writing:
        await writing.execute(insert(streams).values(id="new", scope="s", last=0))
        async with database.read() as reading:
            assert await reading.all(select(streams)) == []


async def test_an_exception_rolls_back_and_calls_nobody(database: Database) -> None:
    called: list[str] = []
    with pytest.raises(RuntimeError):
        async with database.write() as tx:
            tx.after_commit(lambda: called.append("rung"))
            await tx.execute(insert(streams).values(id="new", scope="s", last=0))
            raise RuntimeError

    async with database.read() as tx:
        assert await tx.one(select(streams)) is None
    assert called == []


async def test_callbacks_find_what_was_committed(database: Database) -> None:
    called = asyncio.Event()
    async with database.write() as tx:
        await tx.execute(insert(streams).values(id="new", scope="s", last=0))
        tx.after_commit(called.set)
        assert not called.is_set()

    assert called.is_set()


async def test_a_cancelled_writer_leaves_the_lock_free(database: Database) -> None:
    inside = asyncio.Event()

    async def dawdle() -> None:
        async with database.write() as tx:
            await tx.execute(insert(streams).values(id="half", scope="s", last=0))
            inside.set()
            await asyncio.Event().wait()

    dawdler = asyncio.create_task(dawdle())
    await inside.wait()
    dawdler.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dawdler
    async with asyncio.timeout(PATIENCE_S), database.write() as tx:
        assert await tx.all(select(streams)) == []


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30))])
async def test_moments_come_back_in_utc(database: Database, zone: timezone) -> None:
    from base.crypto import Envelope

    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=zone)
    async with database.write() as tx:
        await tx.execute(insert(streams).values(id="s", scope="s", last=1))
        await tx.execute(insert(events).values(stream="s", number=1, type="t", at=moment, payload=Envelope(b"x")))
    async with database.read() as tx:
        stored = await tx.scalar(select(events.c.at))

    assert stored == moment
    assert stored.tzinfo is UTC


async def test_foreign_keys_are_kept(database: Database) -> None:
    from sqlalchemy.exc import IntegrityError

    from base.crypto import Envelope

    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await tx.execute(
                insert(events).values(stream="nowhere", number=1, type="t", at=datetime.now(UTC), payload=Envelope(b"x"))
            )


async def test_a_connection_that_breaks_is_a_problem_with_a_name(postgres_template: PostgresTemplate) -> None:
    with postgres_template.copy() as url:
        folder = parse_qs(urlsplit(url).query)["host"][0]
        link = Proxy(to_socket_file(f"{folder}/.s.PGSQL.5432"))
        await link.start()
        database = Database(f"postgresql+asyncpg://postgres@127.0.0.1:{link.port}{urlsplit(url).path}")
        try:
            with pytest.raises(DatabaseUnreachable):
                async with database.write() as tx:
                    link.cut()
                    await tx.execute(text("SELECT 1"))
            async with database.read() as tx:
                assert await tx.scalar(text("SELECT 1")) == 1
            assert await database.answers(PATIENCE_S)
            await link.stop()
            with pytest.raises(DatabaseUnreachable):
                async with database.read() as tx:
                    await tx.execute(text("SELECT 1"))
            assert not await database.answers(PATIENCE_S)
        finally:
            await link.stop()
            await database.close()


async def test_a_connection_that_breaks_while_it_is_made_is_the_same_problem() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(64)
        if len(asked) == 8:  # whether the link may be encrypted: no; then comes what it is about
            writer.write(b"N")
            await reader.read(64)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"postgresql+asyncpg://postgres@127.0.0.1:{server.sockets[0].getsockname()[1]}/postgres"
    database = Database(url)
    try:
        with pytest.raises(DatabaseUnreachable):
            async with database.read() as tx:
                await tx.execute(text("SELECT 1"))
        with pytest.raises(DatabaseUnreachable):
            await schema.is_current(url)
    finally:
        await database.close()
        server.close()


async def test_of_two_changes_that_wait_for_each_other_one_gives_way_with_a_name(postgres_template: PostgresTemplate) -> None:
    with postgres_template.copy() as url:
        database = Database(url)
        try:
            outcomes = await _stand_in_each_others_way(database)
        finally:
            await database.close()
    assert {type(outcome) for outcome in outcomes} == {type(None), DatabaseBusy}


async def _stand_in_each_others_way(database: Database) -> list[Any]:
    async with database.write() as tx:
        await tx.execute(insert(streams), [{"id": name, "scope": "s", "last": 0} for name in ("a", "b")])
    met = asyncio.Barrier(2)

    async def change(first: str, second: str) -> None:
        async with database.write() as tx:
            await tx.execute(update(streams).where(streams.c.id == first).values(last=1))
            await met.wait()
            await tx.execute(update(streams).where(streams.c.id == second).values(last=1))

    async with asyncio.timeout(PATIENCE_S):
        return list(await asyncio.gather(change("a", "b"), change("b", "a"), return_exceptions=True))


async def test_a_question_within_a_transaction_waits_for_nobody_who_asks_one_too(database: Database) -> None:
    """As many as SQLAlchemy's pool lets in on SQLite; each has a question before they end."""
    met = asyncio.Barrier(15)

    async def ask() -> None:
        async with database.read():
            await met.wait()
            async with database.glance() as tx:
                assert await tx.scalar(text("SELECT 1")) == 1

    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(ask() for _ in range(15)))


@pytest.mark.parametrize("state", ["08006", "53300", "57P01", "57014", "25006"])
def test_a_database_that_goes_is_full_or_follows_another_is_away(state: str) -> None:
    with pytest.raises(DatabaseUnreachable), reaching():
        raise DBAPIError("SELECT 1", {}, _said(sqlstate=state))


@pytest.mark.parametrize("said", [{"sqlstate": "40001"}, {"sqlstate": "55P03"}, {"sqlite_errorname": "SQLITE_BUSY_SNAPSHOT"}])
def test_a_change_that_gave_way_says_so(said: dict[str, str]) -> None:
    with pytest.raises(DatabaseBusy), reaching():
        raise DBAPIError("SELECT 1", {}, _said(**said))


def _said(**facts: str) -> Exception:
    error = Exception("words of a driver")
    vars(error).update(facts)
    return error


@pytest.mark.parametrize("error", [socket.gaierror(), ConnectionResetError(), OSError(113, "no route")])
def test_a_database_that_is_not_found_or_not_reached_is_away(error: OSError) -> None:
    with pytest.raises(DatabaseUnreachable), reaching():
        raise error


async def test_what_goes_wrong_between_two_statements_is_the_callers_own(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.write() as tx:
            await tx.execute(insert(streams).values(id="one", scope="s", last=0))
            raise FileNotFoundError
    async with database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(streams)) == 0


@pytest.mark.parametrize(("failures", "tries"), [(0, 1), (2, 3), (9, 3)])
async def test_a_start_outlives_a_connection_that_broke_and_tells_what_stays_away(failures: int, tries: int) -> None:
    clock, tried = ManualClock(), asyncio.Queue[int]()

    async def ask() -> int:
        tried.put_nowait(1)
        if tried.qsize() <= failures:
            raise DatabaseUnreachable
        return tried.qsize()

    asking = asyncio.create_task(persistently(ask, clock))
    async with asyncio.timeout(PATIENCE_S):
        while not asking.done():
            await asyncio.sleep(0)
            clock.advance(1.0)
    assert tried.qsize() == tries
    assert isinstance(asking.exception(), DatabaseUnreachable) == (failures > 2)


async def test_whoever_is_cancelled_in_a_write_keeps_no_lock(sqlite: Database) -> None:
    """At every moment of it: SQLite remembers a statement that was broken off for longer than its connection."""

    async def one() -> None:
        async with sqlite.write() as tx:
            await tx.execute(text("INSERT INTO broken_off VALUES (1)"))
            await tx.execute(text("SELECT count(*) FROM broken_off"))

    async with sqlite.write() as tx:
        await tx.execute(text("CREATE TABLE broken_off (a INTEGER)"))
    for moment in range(60):
        tasks = [asyncio.create_task(one()) for _ in range(3)]
        await asyncio.sleep(moment / 4000)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        async with sqlite.write() as tx:
            await tx.execute(text("DELETE FROM broken_off"))
