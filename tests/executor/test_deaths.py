"""Servers that die of a job and come back late: found without it, they count as dead; found with it, they do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update

from executor import store
from executor.assembly import Executor
from executor.doubts import Doubts
from executor.model import AT_WORK, Claim, FaultKind, JobEnding, JobRecord, JobStatus, Setback, Tag
from executor.providers.static import instance_id
from executor.tables import job_faults, jobs
from executor.testing import QUICK, FaultyComfy
from tests.executor.conftest import OWNER, Floor, create, eventually
from tests.patience import PATIENCE_S


async def _away(floor: Floor, server: FaultyComfy, run_id: str) -> None:
    """It dies in the middle of the render, and is away for longer than the grace."""
    await eventually(lambda: server.running is not None)
    await floor.clock.sleep(0.1)  # somebody has seen that
    await server.die()
    await floor.until(run_id, "run.waiting")


async def _job(executor: Executor, run_id: str) -> JobRecord:
    [job] = await executor.runs.jobs(run_id)
    return job


async def test_a_job_that_kills_its_only_server_twice_is_given_up_however_late_that_comes_back(
    both: Floor, comfy: FaultyComfy
) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        for _ in range(2):
            await eventually(lambda: comfy.running is not None)
            await both.clock.sleep(0.1)  # somebody has seen that
            before = len((await _job(executor, run_id)).setbacks)
            await comfy.die()
            while len((await _job(executor, run_id)).setbacks) == before:  # the grace is over
                await both.clock.sleep(0.02)
            await comfy.rise()
        end = (await both.until(run_id))[-1]
        job = await _job(executor, run_id)
    assert (end.type, end.data["code"]) == ("run.failed", "host_lost")
    assert (job.status, job.ending, job.attempts) == (JobStatus.DEAD, JobEnding.GIVEN_UP, 2)
    assert [(one.kind, one.code) for one in job.setbacks] == [("host", "host_lost")] * 2
    assert len(comfy.prompts) == 2


async def test_one_death_counts_once_and_the_job_is_done_after_it(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await _away(floor, comfy, run_id)
        comfy.hold.set()
        await comfy.rise()
        assert (await floor.until(run_id))[-1].type == "run.completed"
        job = await _job(executor, run_id)
    assert (job.attempts, [one.code for one in job.setbacks]) == (1, ["host_lost"])


async def test_the_next_process_that_meets_the_server_says_that_it_died(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await _away(floor, comfy, run_id)
    comfy.hold.set()
    await comfy.rise()
    async with floor.open(comfy.url) as executor:
        assert (await floor.until(run_id))[-1].type == "run.completed"
        job = await _job(executor, run_id)
    assert (job.attempts, [one.code for one in job.setbacks]) == (1, ["host_lost"])


@pytest.mark.parametrize("returns", [True, False])
async def test_a_job_that_kills_one_server_after_the_other_is_given_up(floor: Floor, returns: bool) -> None:
    """The first is back without it, or away for too long, when the others die."""
    servers = [FaultyComfy() for _ in range(3)]
    for server in servers:
        server.hold.clear()
    async with servers[0], servers[1], servers[2], floor.open(*(server.url for server in servers)) as executor:
        await eventually(lambda: all(instance.up for instance in executor.pool.instances()))
        run_id = await floor.start(executor, create())
        dead: list[FaultyComfy] = []
        for number in range(3):
            await eventually(lambda: any(server.running for server in servers if server not in dead))
            await floor.clock.sleep(0.1 if returns else 1.2)  # somebody has seen that; or longer than one may be away
            victim = next(server for server in servers if server.running)
            await victim.die()
            victim.running = None
            dead.append(victim)
            while len((await _job(executor, run_id)).setbacks) == number:
                await floor.clock.sleep(0.02)
            if returns:
                await victim.rise()
                dead.remove(victim)
            if (await _job(executor, run_id)).status is JobStatus.DEAD:
                break
        await floor.until(run_id, "run.failed")
        job = await _job(executor, run_id)
    assert (job.status, job.ending) == (JobStatus.DEAD, JobEnding.GIVEN_UP)
    assert job.attempts >= 2


async def test_connections_that_are_lost_hours_apart_do_not_end_a_job_that_goes_on(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await _begun(both, executor, run_id)
        for _ in range(3):
            comfy.status = 503
            await _until(lambda job: bool(job.setbacks) and not job.setbacks[-1].excused, executor, run_id)
            comfy.status = None
            await _until(lambda job: job.setbacks[-1].excused, executor, run_id)  # it is found again
            async with both.db.write() as tx:
                await tx.execute(update(job_faults).values(at=both.clock.now() - timedelta(hours=2)))
        comfy.hold.set()
        assert (await both.until(run_id))[-1].type == "run.completed"
        assert (await _job(executor, run_id)).attempts == 0
    assert len(comfy.prompts) == 1


@pytest.mark.parametrize("first_back", ["server", "worker"])
async def test_a_job_with_which_server_and_worker_went_twice_is_given_up(
    both: Floor, comfy: FaultyComfy, first_back: str
) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await _begun(both, executor, run_id)
    for _ in range(2):
        await comfy.die()
        async with both.db.write() as tx:  # killed, not stopped
            gone = {"lease_owner": "killed", "lease_token": "killed", "lease_until": both.clock.now() - timedelta(seconds=1)}
            await tx.execute(update(jobs).where(jobs.c.status.in_(AT_WORK)).values(**gone))
        if first_back == "server":
            await comfy.rise()
        before = len(comfy.prompts)
        async with both.open(comfy.url) as executor:
            if first_back == "worker":
                await both.until(run_id, "run.waiting")
                await comfy.rise()
            async with asyncio.timeout(PATIENCE_S):
                while len(comfy.prompts) == before and (await _job(executor, run_id)).status is not JobStatus.DEAD:
                    await both.clock.sleep(0.02)
            job = await _job(executor, run_id)
            if job.status is not JobStatus.DEAD:
                await _begun(both, executor, run_id)
    assert (job.status, job.ending, job.attempts) == (JobStatus.DEAD, JobEnding.GIVEN_UP, 2)
    assert [one.code for one in job.setbacks] == ["host_lost"] * 2


async def test_a_worker_that_was_stopped_is_no_sign_against_its_job(both: Floor, comfy: FaultyComfy) -> None:
    """Whoever stops everything and starts it again may do so as often as they like."""
    comfy.hold.clear()
    async with both.open(comfy.url, work=False) as executor:
        run_id = await both.start(executor, create())
    for sent in range(1, 4):
        async with both.open(comfy.url) as executor:
            await eventually(partial(_sent, comfy, sent))
            await _begun(both, executor, run_id)
        await comfy.die()
        await comfy.rise()
    comfy.hold.set()
    async with both.open(comfy.url) as executor:
        assert (await both.until(run_id))[-1].type == "run.completed"
        assert (await _job(executor, run_id)).attempts == 0


async def test_what_waits_behind_a_job_did_not_kill_the_server(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        first = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        second = await floor.start(executor, create())
        await eventually(lambda: len(comfy.pending) == 1)
        await _away(floor, comfy, second)
        comfy.hold.set()
        await comfy.rise()
        for run_id in (first, second):
            assert (await floor.until(run_id))[-1].type == "run.completed"
        attempts = [(await _job(executor, run_id)).attempts for run_id in (first, second)]
    assert attempts == [1, 0]


async def test_a_server_that_is_back_at_once_lost_what_waited_without_blame(both: Floor, comfy: FaultyComfy) -> None:
    """Which of the two is rendered first afterwards is left open: one goes back to the queue while the other is still judged."""
    comfy.hold.clear()
    async with both.open(comfy.url, pace=replace(QUICK, grace_s=30.0)) as executor:
        killer = await both.start(executor, create(prompt="a killer"))
        await _begun(both, executor, killer)
        waiting = await both.start(executor, create(prompt="a bystander"))
        await eventually(lambda: len(comfy.pending) == 1)
        await comfy.die()
        await comfy.rise()
        async with asyncio.timeout(PATIENCE_S):
            while not (await _job(executor, killer)).setbacks:
                await both.clock.sleep(0.02)
        comfy.hold.set()
        for run_id in (killer, waiting):
            assert (await both.until(run_id))[-1].type == "run.completed"
        blamed, spared = await _job(executor, killer), await _job(executor, waiting)
    assert (blamed.attempts, [one.code for one in blamed.setbacks]) == (1, ["host_lost"])
    assert (spared.attempts, spared.setbacks) == (0, ())


async def test_where_nobody_saw_any_begin_the_first_is_blamed(both: Floor, comfy: FaultyComfy) -> None:
    """It may kill before anything is heard of it. Also when its failure was noted before anybody asks for the other."""
    name, now = instance_id(comfy.url), both.clock.now()
    async with both.open(comfy.url, work=False) as executor:
        doubts = Doubts(both.db, executor.pool, both.clock, 1.0)
        first, second = [await _at_work(both, await both.start(executor, create()), name, now, age) for age in (2, 1)]
        assert [await doubts.only_waited(claim) for claim in (first, second)] == [False, True]
        async with both.db.write() as tx:
            lost = Setback(now, name, FaultKind.HOST, "host_lost", True)
            await store.add_setback(tx, first.id, 0, lost)
            await tx.execute(update(jobs).where(jobs.c.id == first.id).values(status="queued", submitted_at=None))
        assert await doubts.only_waited(second)
        async with both.db.write() as tx:  # accepted after that: it has nobody to hide behind
            await tx.execute(update(jobs).where(jobs.c.id == second.id).values(submitted_at=now + timedelta(seconds=1)))
        assert not await doubts.only_waited(second)
        async with both.db.write() as tx:
            await tx.execute(update(jobs).where(jobs.c.id == second.id).values(submitted_at=None))
        assert not await doubts.only_waited(second)  # the server never had it


async def _at_work(floor: Floor, run_id: str, instance: str, now: datetime, age: float) -> Claim:
    """The job of this run, accepted by the instance so many seconds ago."""
    async with floor.db.write() as tx:
        sent = {"instance": instance, "status": "running", "submitted_at": now - timedelta(seconds=age), "lease_token": "t"}
        await tx.execute(update(jobs).where(jobs.c.run_id == run_id).values(**sent))
        [row] = await store.jobs_of(tx, run_id)
    return Claim(row["id"], run_id, OWNER, "c", JobStatus.RUNNING, "t", instance, "p", Tag.DEFAULT, 0, (), ())


def _sent(comfy: FaultyComfy, count: int) -> bool:
    return len(comfy.prompts) == count


async def _until(so: Callable[[JobRecord], bool], executor: Executor, run_id: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not so(await _job(executor, run_id)):
            await asyncio.sleep(0.02)


async def _begun(floor: Floor, executor: Executor, run_id: str) -> None:
    while (await _job(executor, run_id)).times["gpu_started"] is None:
        await floor.clock.sleep(0.02)
