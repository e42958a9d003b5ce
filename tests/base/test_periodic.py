"""What comes round again: each due task once in the whole house, whatever dies, and no failure stops another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from base.clock import SystemClock
from base.db import Database, Tx
from base.errors import DatabaseUnreachable, KeyLost, NotFound
from base.periodic import (
    BACKOFF,
    INTERRUPTED,
    Periodic,
    PeriodicRow,
    PeriodicRunner,
    everything,
    hasten,
    next_due,
    next_try,
)
from base.tables import periodic
from base.testing import ManualClock
from tests.databases import PostgresTemplate
from tests.patience import PATIENCE_S

HOUR = timedelta(hours=1)
START = ManualClock().now()


@asynccontextmanager
async def process(db: Database, clock: Any, *tasks: Periodic) -> AsyncIterator[Callable[[], Any]]:
    """A process that looks when it is told to, and has ended what it began when that returns; it has looked once."""
    runner = PeriodicRunner(db, clock, chance=lambda: 0.0)
    runner.add(*tasks)

    async def look() -> None:
        await asyncio.gather(*await runner.look())

    await look()
    try:
        yield look
    finally:
        await runner.stop()


def counting(name: str, every: timedelta = HOUR, error: Exception | None = None) -> tuple[Periodic, list[int]]:
    starts: list[int] = []

    async def work() -> None:
        starts.append(len(starts))
        if error is not None:
            raise error

    return Periodic(name, every, work), starts


async def row(db: Database, clock: Any, name: str) -> PeriodicRow:
    async with db.read() as tx:
        return next(row for row in await everything(tx, clock.now()) if row.name == name)


@pytest.mark.parametrize(
    ("was_due", "now", "expected"), [(0, 10, 3600), (0, 3599, 3600), (0, 9000, 12600)], ids=["soon", "late", "missed two"]
)
def test_the_next_time_follows_from_the_last_and_nothing_missed_is_made_up_for(was_due: int, now: int, expected: int) -> None:
    moment = [START + timedelta(seconds=s) for s in (was_due, now, expected)]
    assert next_due(moment[0], moment[1], HOUR, timedelta()) == moment[2]
    assert next_due(moment[0], moment[1], HOUR, timedelta(seconds=5)) == moment[2] + timedelta(seconds=5)


def test_failures_wait_longer_each_time_but_never_longer_than_the_task_itself() -> None:
    pauses = [next_try(n, START, timedelta(days=1)) - START for n in range(1, 12)]
    assert pauses[:3] == [BACKOFF[0], BACKOFF[0] * 2, BACKOFF[0] * 4]
    assert pauses[-1] == BACKOFF[1]
    assert next_try(9, START, timedelta(seconds=15)) - START == timedelta(seconds=15)


async def test_a_task_comes_round_and_a_restart_neither_skips_nor_repeats(database: Database, clock: ManualClock) -> None:
    task, starts = counting("sweep")
    async with process(database, clock, task) as look:
        assert len(starts) == 1
        clock.advance(60)
        await look()
        assert len(starts) == 1
    clock.advance(600)
    async with process(database, clock, task) as look:  # a restart in between
        assert len(starts) == 1
        clock.advance(3600 - 661)
        await look()
        assert len(starts) == 1
        clock.advance(1)
        await look()
        assert len(starts) == 2
    clock.advance(7200)
    async with process(database, clock, task) as look:  # it was down when the task was due: late, and once
        clock.advance(60)
        await look()
        assert len(starts) == 3


async def test_many_processes_start_a_due_task_once(postgres_template: PostgresTemplate) -> None:
    with postgres_template.copy() as url:
        houses = [Database(url) for _ in range(4)]
        task, starts = counting("sweep")
        runners = [PeriodicRunner(db, SystemClock(), chance=lambda: 0.0) for db in houses]
        for one in runners:
            one.add(task)
        begun = await asyncio.gather(*(one.look() for one in runners))
        await asyncio.gather(*(start for some in begun for start in some))
        for db in houses:
            await db.close()
    assert len(starts) == 1


async def test_it_looks_by_itself(sqlite: Database) -> None:
    ran = asyncio.Event()

    async def work() -> None:
        ran.set()

    runner = PeriodicRunner(sqlite, SystemClock(), look_s=0.01, chance=lambda: 0.0)
    runner.add(Periodic("sweep", HOUR, work))
    runner.start()
    async with asyncio.timeout(30):
        await ran.wait()
    await runner.stop()


async def test_a_failure_is_noted_by_its_code_put_off_and_stops_no_other(database: Database, clock: ManualClock) -> None:
    lost, tries = counting("lost", error=KeyLost())
    broken, crashes = counting("broken", error=RuntimeError("somebody's words"))
    fine, starts = counting("fine", timedelta(seconds=30))
    async with process(database, clock, lost, broken, fine) as look:
        for _ in range(2):
            clock.advance(30)
            await look()
        assert (len(tries), len(crashes), len(starts)) == (2, 2, 3)
        found = [await row(database, clock, name) for name in ("lost", "broken", "fine")]
        assert [(r.failures, r.error_code) for r in found] == [(2, "key_lost"), (2, "RuntimeError"), (0, None)]
        clock.advance(119)
        await look()
        assert len(tries) == 2  # the pause is two minutes now
        clock.advance(1)
        await look()
        assert len(tries) == 3


async def test_what_a_dead_process_had_begun_is_taken_over(database: Database, clock: ManualClock) -> None:
    """Its lease runs out; on SQLite, where no other process can be, it is known to be dead at once."""
    left = {
        "name": "sweep", "every_s": 3600.0, "due_at": START + timedelta(minutes=1), "ticket": "t", "failures": 0,
        "lease_until": START + timedelta(seconds=90), "started_at": START,
    }  # fmt: skip
    async with database.write() as tx:
        await tx.execute(insert(periodic).values(**left))
    task, starts = counting("sweep")
    async with process(database, clock, task) as look:
        clock.advance(61)
        await look()
        assert len(starts) == (1 if database.is_sqlite else 0)
        clock.advance(30)
        await look()
        assert len(starts) == 1
        found = await row(database, clock, "sweep")
        assert (found.failures, found.error_code) == (0, INTERRUPTED)


async def test_who_is_told_to_stop_leaves_the_task_to_the_next(database: Database, clock: ManualClock) -> None:
    never, begun = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        await never.wait()

    leaving = PeriodicRunner(database, clock, chance=lambda: 0.0)
    leaving.add(Periodic("sweep", HOUR, long))
    await leaving.look()
    await begun.wait()
    assert (await row(database, clock, "sweep")).running
    await leaving.stop()
    task, starts = counting("sweep")
    async with process(database, clock, task):
        assert len(starts) == 1
    assert (await row(database, clock, "sweep")).failures == 0


async def test_a_long_task_is_not_begun_twice_while_its_process_lives(postgres_template: PostgresTemplate) -> None:
    """The lease is held for as long as it takes."""
    with postgres_template.copy() as url:
        mine, other, clock = Database(url), Database(url), ManualClock()
        holding = PeriodicRunner(mine, clock, lease_s=90.0, chance=lambda: 0.0)
        holding.add(Periodic("sweep", HOUR, asyncio.Event().wait))
        await holding.look()
        await beaten(other, clock)
        task, starts = counting("sweep")
        async with process(other, clock, task) as look:
            for _ in range(3 * 90 // 30):
                clock.advance(30.0)
                await beaten(other, clock)
                await look()
            assert starts == []
            assert (await row(other, clock, "sweep")).started_at == START
            await holding.stop()
            await look()
            assert len(starts) == 1
        await mine.close()
        await other.close()


class Leaving(Database):
    """A database that goes away now and then."""

    away = False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        if self.away:
            raise DatabaseUnreachable
        async with super().write() as tx:
            yield tx


async def test_a_beat_that_the_database_missed_is_made_up_for(postgres_template: PostgresTemplate) -> None:
    with postgres_template.copy() as url:
        mine, other, clock = Leaving(url), Database(url), ManualClock()
        holding = PeriodicRunner(mine, clock, lease_s=90.0, chance=lambda: 0.0)
        holding.add(Periodic("sweep", HOUR, asyncio.Event().wait))
        await holding.look()
        await beaten(other, clock)
        mine.away = True
        clock.advance(30.0)
        async with asyncio.timeout(PATIENCE_S):
            while not clock.sleeping:
                await asyncio.sleep(0.005)
        mine.away = False
        clock.advance(30.0)
        await beaten(other, clock)
        await holding.stop()
        await mine.close()
        await other.close()


async def beaten(db: Database, clock: ManualClock) -> None:
    """Until the lease is a whole one, and whoever holds it sleeps until the next beat."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with db.read() as tx:
                until = await tx.scalar(select(periodic.c.lease_until))
            if until == clock.now() + timedelta(seconds=90) and clock.sleeping:
                return
            await asyncio.sleep(0.005)


async def test_an_operator_may_have_it_now(database: Database, clock: ManualClock) -> None:
    task, starts = counting("sweep")
    async with process(database, clock, task) as look:
        async with database.write() as tx:
            await hasten(tx, "sweep", clock.now())
            with pytest.raises(NotFound):
                await hasten(tx, "other", clock.now())
        await look()
    assert len(starts) == 2


async def test_a_task_that_shall_come_more_often_does_at_once(database: Database, clock: ManualClock) -> None:
    daily, _ = counting("sweep", timedelta(days=1))
    async with process(database, clock, daily):
        pass
    hourly, starts = counting("sweep")
    clock.advance(60)
    async with process(database, clock, hourly):
        assert len(starts) == 1
