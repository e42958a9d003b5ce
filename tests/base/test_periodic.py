"""What comes round again: each due task once in the whole house, whatever dies, and no failure stops another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from base.clock import SystemClock
from base.db import Database
from base.errors import KeyLost, NotFound
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

HOUR = timedelta(hours=1)
START = ManualClock().now()


async def settle() -> None:
    """Let everything that can go on go on, the database's threads included."""
    for _ in range(30):
        await asyncio.sleep(0.002)


async def pass_time(clock: ManualClock, seconds: float, step: float = 5.0) -> None:
    for _ in range(int(seconds / step)):
        clock.advance(step)
        await settle()


@asynccontextmanager
async def runner(db: Database, clock: Any, *tasks: Periodic, **more: Any) -> AsyncIterator[PeriodicRunner]:
    opened = PeriodicRunner(db, clock, chance=lambda: 0.0, **more)
    opened.add(*tasks)
    opened.start()
    await settle()
    try:
        yield opened
    finally:
        await opened.stop()


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
    async with runner(database, clock, task):
        assert len(starts) == 1
        await pass_time(clock, 60)
        assert len(starts) == 1
    clock.advance(600)
    async with runner(database, clock, task):  # a restart in between
        await settle()
        assert len(starts) == 1
        await pass_time(clock, 3600 - 660, 60)
        assert len(starts) == 2
    clock.advance(7200)
    async with runner(database, clock, task):  # it was down when the task was due: late, and once
        await pass_time(clock, 60)
        assert len(starts) == 3


async def test_many_processes_start_a_due_task_once(postgres_template: Any) -> None:
    with postgres_template.copy() as url:
        houses = [Database(url) for _ in range(4)]
        task, starts = counting("sweep")
        runners = [PeriodicRunner(db, SystemClock(), look_s=0.01, chance=lambda: 0.0) for db in houses]
        for one in runners:
            one.add(task)
            one.start()
        await asyncio.sleep(0.5)
        await asyncio.gather(*(one.stop() for one in runners))
        for db in houses:
            await db.close()
    assert len(starts) == 1


async def test_a_failure_is_noted_by_its_code_put_off_and_stops_no_other(database: Database, clock: ManualClock) -> None:
    full, tries = counting("full", error=KeyLost())
    broken, crashes = counting("broken", error=RuntimeError("somebody's words"))
    fine, starts = counting("fine", timedelta(seconds=30))
    async with runner(database, clock, full, broken, fine):
        assert (len(tries), len(crashes)) == (1, 1)
        await pass_time(clock, 65)
        assert (len(tries), len(crashes), len(starts)) == (2, 2, 3)
        found = [await row(database, clock, name) for name in ("full", "broken", "fine")]
        assert [(r.failures, r.error_code) for r in found] == [(2, "key_lost"), (2, "RuntimeError"), (0, None)]
        await pass_time(clock, 60)
        assert len(tries) == 2  # two minutes now


async def test_what_a_dead_process_had_begun_is_taken_over(database: Database, clock: ManualClock) -> None:
    """Its lease runs out; on SQLite, where no other process can be, it is known to be dead at once."""
    left = {
        "name": "sweep", "every_s": 3600.0, "due_at": START + timedelta(minutes=1), "ticket": "t", "failures": 0,
        "lease_until": START + timedelta(seconds=90), "started_at": START,
    }  # fmt: skip
    async with database.write() as tx:
        await tx.execute(insert(periodic).values(**left))
    task, starts = counting("sweep", error=RuntimeError())
    async with runner(database, clock, task):
        await pass_time(clock, 50)
        assert starts == []
        await pass_time(clock, 50)
        assert len(starts) == 1
        assert (await row(database, clock, "sweep")).failures == 1
    task, starts = counting("sweep")
    async with database.write() as tx:
        later = {"due_at": clock.now(), "ticket": "t", "started_at": clock.now() + timedelta(seconds=1)}
        await tx.execute(update(periodic).values(**later))
    async with runner(database, clock, task):
        assert len(starts) == 1
        found = await row(database, clock, "sweep")
        assert (found.failures, found.error_code) == (0, INTERRUPTED)


async def test_who_is_told_to_stop_leaves_the_task_to_the_next(database: Database, clock: ManualClock) -> None:
    never = asyncio.Event()
    async with runner(database, clock, Periodic("sweep", HOUR, never.wait)):
        assert (await row(database, clock, "sweep")).running
    task, starts = counting("sweep")
    async with runner(database, clock, task):
        assert len(starts) == 1
    assert (await row(database, clock, "sweep")).failures == 0


async def test_an_operator_may_have_it_now(database: Database, clock: ManualClock) -> None:
    task, starts = counting("sweep")
    async with runner(database, clock, task):
        async with database.write() as tx:
            await hasten(tx, "sweep", clock.now())
            with pytest.raises(NotFound):
                await hasten(tx, "other", clock.now())
        await pass_time(clock, 10)
    assert len(starts) == 2


async def test_a_task_that_shall_come_more_often_does_at_once(database: Database, clock: ManualClock) -> None:
    daily, _ = counting("sweep", timedelta(days=1))
    async with runner(database, clock, daily):
        pass
    hourly, starts = counting("sweep")
    clock.advance(60)
    async with runner(database, clock, hourly):
        assert len(starts) == 1
