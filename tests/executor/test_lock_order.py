"""Whoever ends a run locks it before its jobs: on PostgreSQL two who do it the other way round would stop each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from base.db import Tx
from executor import store
from executor.assembly import Executor
from executor.life.setting import locked
from executor.lifecycle import Lifecycle
from executor.model import AT_WORK, Fault, FaultKind, JobStatus
from executor.waiting.promising import Promise
from tests.executor.conftest import Floor, create
from tests.patience import PATIENCE_S

Verb = Callable[[Lifecycle, Tx, Any], Awaitable[object]]


async def give_up(lifecycle: Lifecycle, tx: Tx, job: Any) -> None:
    await lifecycle.give_up(tx, job, Fault(FaultKind.MODEL, "model_missing"))


async def forget(lifecycle: Lifecycle, tx: Tx, job: Any) -> None:
    await lifecycle.forgotten(tx, job["id"], job["run_id"])


async def take_over(lifecycle: Lifecycle, tx: Tx, job: Any) -> None:
    claim = await lifecycle.take_over(tx, await store.job(tx, job["id"]), "another", 3.0)
    assert claim is not None
    await lifecycle.cancelled(tx, claim)


async def place(lifecycle: Lifecycle, tx: Tx, job: Any) -> None:
    await lifecycle.place(tx, job, Promise(7, 60.0, 90.0))


async def wait(lifecycle: Lifecycle, tx: Tx, job: Any) -> None:
    await lifecycle.wait(tx, job, "Its server is away.", 60.0)


@pytest.mark.parametrize(
    ("verb", "at_work"), [(give_up, False), (forget, False), (take_over, True), (place, False), (wait, False)]
)
async def test_the_run_comes_before_the_job(shared: Floor, verb: Verb, at_work: bool) -> None:
    async with shared.open(work=False) as executor:
        job = await _job(shared, executor, at_work)
        lifecycle = executor.worker._bench.lifecycle
        async with held_run(shared, job["run_id"]) as tx:
            task = asyncio.create_task(_do(shared, lifecycle, verb, job))
            await until_waiting(shared)
            async with asyncio.timeout(PATIENCE_S):
                assert await locked(tx, job["id"], {JobStatus.QUEUED, *AT_WORK}) is not None
        await asyncio.wait_for(task, PATIENCE_S)


async def test_rows_that_name_a_run_do_not_wait_for_who_holds_it(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        run_id = await shared.start(executor, create("s1"), create("s2", prompt="another"))
        lifecycle = executor.worker._bench.lifecycle
        async with shared.db.read() as tx:
            [job] = await store.jobs_of(tx, run_id)
        async with held_run(shared, run_id), asyncio.timeout(PATIENCE_S), shared.db.write() as tx:
            await lifecycle.divide(tx, job["id"], [[one] for one in await lifecycle.steps_of(tx, job)])
        async with shared.db.read() as tx:
            assert len(await store.jobs_of(tx, run_id)) == 2


async def _job(floor: Floor, executor: Executor, at_work: bool) -> Any:
    run_id = await floor.start(executor, create())
    async with floor.db.write() as tx:
        [job] = await store.jobs_of(tx, run_id)
        if at_work:
            assert await executor.worker._bench.lifecycle.claim(tx, job["id"], "somewhere", "nobody", 3.0) is not None
    return job


async def _do(floor: Floor, lifecycle: Lifecycle, verb: Verb, job: Any) -> None:
    async with floor.db.write() as tx:
        await verb(lifecycle, tx, job)


@asynccontextmanager
async def held_run(floor: Floor, run_id: str) -> AsyncIterator[Tx]:
    async with floor.db.write() as tx:
        assert await store.run(tx, run_id, lock=True) is not None
        yield tx


async def until_waiting(floor: Floor) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity"
                   " WHERE datname = current_database())")  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with floor.db.read() as tx:
                if await tx.scalar(waiting):
                    return
            await asyncio.sleep(0.01)
