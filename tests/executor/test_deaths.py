"""Servers that die of a job and come back late: found without it, they count as dead; found with it, they do not."""

from __future__ import annotations

import pytest

from executor.assembly import Executor
from executor.model import JobEnding, JobRecord, JobStatus
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor, create, eventually


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
