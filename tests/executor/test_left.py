"""Prompts that were left behind: the person hears at once, the server is freed as soon as it can be reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from executor import left
from executor.left import LONGEST, trim
from executor.model import AT_WORK, RunStatus
from executor.providers.static import instance_id
from executor.tables import jobs, left_prompts
from executor.testing import QUICK, FaultyComfy
from tests.executor.conftest import OWNER, Floor, create, eventually

DEAF = replace(QUICK, cancel_s=0.3)


async def _left(floor: Floor) -> int:
    async with floor.db.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(left_prompts)) or 0)


async def _nothing_left(floor: Floor) -> None:
    while await _left(floor):
        await floor.clock.sleep(0.02)


async def test_cancelled_while_the_server_is_away_it_is_stopped_there_when_that_is_back(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        prompt_id = comfy.running
        comfy.status = 503
        await both.until(run_id, "run.waiting")
        await executor.runs.cancel(run_id, OWNER.account_id)
        assert (await executor.runs.get(run_id, OWNER.account_id)).status is RunStatus.CANCELLED
        assert comfy.running == prompt_id
        comfy.status = None
        await eventually(lambda: comfy.running is None)
        await _nothing_left(both)
    assert (set(comfy.interrupts), comfy.history) == ({prompt_id}, {})


async def test_a_server_that_will_not_listen_is_told_until_it_does(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.deaf = True
    async with floor.open(comfy.url, pace=DEAF) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        await executor.runs.cancel(run_id, OWNER.account_id)
        assert (await floor.until(run_id))[-1].type == "run.cancelled"
        told = len(comfy.interrupts)
        await eventually(lambda: len(comfy.interrupts) > told)
        comfy.deaf = False
        await eventually(lambda: comfy.running is None)
        await _nothing_left(floor)
    assert comfy.history == {}


async def test_the_next_process_stops_what_an_earlier_one_left(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        comfy.status = 503
        await floor.until(run_id, "run.waiting")
        await executor.runs.cancel(run_id, OWNER.account_id)
    comfy.status = None
    async with floor.open(comfy.url):
        await eventually(lambda: comfy.running is None)
        await _nothing_left(floor)


async def test_a_job_that_went_elsewhere_is_not_rendered_twice_to_the_end(both: Floor) -> None:
    """And the server that still has it gets one job less meanwhile."""
    async with FaultyComfy() as first, FaultyComfy() as second:
        for server in (first, second):
            server.hold.clear()
        await second.die()
        async with both.open(first.url, second.url) as executor:
            run_id = await both.start(executor, create())
            await eventually(lambda: first.running is not None)
            prompt_id = first.running
            first.status, first.deaf = 503, True
            await both.until(run_id, "run.waiting")
            await second.rise()
            await eventually(lambda: second.running is not None)
            first.status = None
            others = [await both.start(executor, create()) for _ in range(4)]
            await eventually(lambda: len(first.prompts) == 2 and len(second.prompts) == 2)
            told = len(first.interrupts)
            await eventually(lambda: len(first.interrupts) > told + 2)
            assert (first.most_at_once, second.most_at_once) == (2, 2)
            second.hold.set()
            assert (await both.until(run_id))[-1].type == "run.completed"
            first.deaf = False
            await eventually(lambda: first.running != prompt_id)
            first.hold.set()
            assert [(await both.until(other))[-1].type for other in others] == ["run.completed"] * 4
            await _nothing_left(both)
            [job] = await executor.runs.jobs(run_id)
            assert len(await executor.runs.assets(run_id)) == 1
    assert first.most_at_once == 2
    assert first.history == second.history == {}
    assert (job.attempts, {one.code for one in job.setbacks}) == (0, {"instance_away"})  # no server died of it


async def test_what_was_sent_after_the_lease_was_lost_is_stopped(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.accept.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: len(comfy.prompts) == 1)
        async with both.db.write() as tx:  # somebody else takes it over and sends it anew
            theirs = {"lease_owner": "other", "lease_token": "theirs", "prompt_id": "their-prompt"}
            await tx.execute(update(jobs).where(jobs.c.status.in_(AT_WORK)).values(**theirs, lease_until=None))
        comfy.accept.set()
        await eventually(lambda: comfy.prompts[0]["prompt_id"] in comfy.interrupts)
        comfy.hold.set()
        if both.db.is_sqlite:  # alone, this worker has taken it back meanwhile
            assert (await both.until(run_id))[-1].type == "run.completed"
        await _nothing_left(both)
    assert comfy.prompts[0]["prompt_id"] not in comfy.history


async def test_a_history_that_could_not_be_cleared_is_cleared_later(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        await eventually(lambda: any(each.up for each in executor.pool.instances()))
        comfy.history["old"] = {"prompt": ["somebody's words"], "outputs": {}}
        async with floor.db.write() as tx:
            await left.leave(tx, {"prompt_id": "old", "instance": instance_id(comfy.url)}, floor.clock.now())
        await eventually(lambda: comfy.history == {})
        await _nothing_left(floor)


@pytest.mark.parametrize(("age", "kept"), [(LONGEST * 0.9, 1), (LONGEST * 1.1, 0)])
async def test_servers_that_never_come_back_are_not_waited_for_for_ever(both: Floor, age: timedelta, kept: int) -> None:
    now = both.clock.now()
    async with both.db.write() as tx:
        await left.leave(tx, {"prompt_id": "p", "instance": "gone"}, now - age)
        await trim(tx, now)
    assert await _left(both) == kept
