"""Dispatch on real databases and servers: what is looked at of a long line, and who knows what is loaded where."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from base.settings import Limits
from executor.assembly import Executor
from executor.looking import HINDERED, LOOKED_AT
from executor.model import JobStatus, Lane, Owner, Tag
from executor.overview import need_rows, overview, sentences, waiting_rows
from executor.tables import jobs
from executor.testing import Crowd, FaultyComfy
from tests.executor.conftest import OWNER, Floor, create, eventually
from tools.model import Step
from tools.service import load_tools

FILES = ("a.safetensors", "b.safetensors")


@pytest.fixture
async def crowd(both: Floor) -> Crowd:
    async with both.db.write() as tx:
        await both.keys.create(tx, OWNER.scope, OWNER.account_id, OWNER.tier)
    return Crowd(both.db, both.keys, both.clock, OWNER)


async def test_a_long_line_hides_no_person_no_lane_no_tool_and_not_the_oldest(crowd: Crowd) -> None:
    [oldest] = await crowd.come(1, create(), people=["patient"], lane=Lane.LOW, age_s=9_000)
    await crowd.come(400, create(), people=["flood"])
    [other_tool] = await crowd.come(1, create(), people=["flood"], tool="resize_image")
    [late] = await crowd.come(1, create(), people=["late"])
    [low] = await crowd.come(1, create(), people=["program"], lane=Lane.LOW)
    [high] = await crowd.come(1, create(), people=["operator"], lane=Lane.HIGH)
    seen = await crowd.seen()
    assert {oldest, other_tool, late, low, high} <= set(seen)
    assert len(seen) <= LOOKED_AT


async def test_two_hundred_strangers_do_not_hide_the_oldest(crowd: Crowd) -> None:
    [oldest] = await crowd.come(1, create(), people=["patient"], lane=Lane.LOW)
    await crowd.come(300, create(), people=[f"stranger {n}" for n in range(300)])
    assert oldest in await crowd.seen()


async def test_hundreds_who_wait_for_a_server_hide_nobody_who_could_be_taken(crowd: Crowd, both: Floor) -> None:
    hindered = await crowd.come(300, create(), people=[f"stranger {n}" for n in range(300)])
    async with both.db.write() as tx:
        await tx.execute(update(jobs).values(waiting_since=both.clock.now()))
    [late] = await crowd.come(1, create(), people=["late"])
    seen = await crowd.seen()
    assert late in seen
    assert set(seen) & set(hindered)
    assert len(seen) <= LOOKED_AT + HINDERED


async def test_a_wait_for_a_server_ends_when_that_is_back_though_it_has_no_place(
    crowd: Crowd, both: Floor, comfy: FaultyComfy
) -> None:
    """So that many short absences in a long line do not add up to one that nobody waits out."""
    async with both.open(comfy.url, work=False, limits=Limits(job_seconds=600)) as executor:
        instance = executor.pool.instances()[0]
        await eventually(lambda: instance.up)
        runs = [await both.start(executor, create()) for _ in range(4)]
        mine = {job.id for run_id in runs for job in await executor.runs.jobs(run_id)}
        waiting = mine - set(await crowd.round(executor))
        for _ in range(2):
            await comfy.die()
            await eventually(lambda: not instance.up)
            await _round_told(crowd, executor)
            await _age_waits(both, 400)
            assert await _hindered(both) == waiting
            await _round_told(crowd, executor)
            assert await _hindered(both) == waiting  # it is still away
            await comfy.rise()
            await eventually(lambda: instance.up)
            await _round_told(crowd, executor)
            assert await _hindered(both) == set()
        assert await crowd.waiting() == 2


async def _round_told(crowd: Crowd, executor: Executor) -> None:
    await crowd.round(executor)
    await executor.worker.dispatcher.tell()


async def _age_waits(floor: Floor, seconds: float) -> None:
    async with floor.db.write() as tx:
        for row in await tx.all(select(jobs).where(jobs.c.waiting_since.is_not(None))):
            since = row["waiting_since"] - timedelta(seconds=seconds)
            await tx.execute(update(jobs).where(jobs.c.id == row["id"]).values(waiting_since=since))


async def _hindered(floor: Floor) -> set[str]:
    async with floor.db.read() as tx:
        waits = (jobs.c.status == JobStatus.QUEUED, jobs.c.waiting_since.is_not(None))
        return {row["id"] for row in await tx.all(select(jobs.c.id).where(*waits))}


async def test_turns_are_remembered_between_rounds(crowd: Crowd, both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url, work=False) as executor:
        await eventually(lambda: executor.pool.instances()[0].up)
        mine = await crowd.come(4, create(), people=["a"])
        assert set(await crowd.round(executor)) == set(mine[:2])
        await crowd.leave()
        others = await crowd.come(4, create(), people=["b"])
        assert await crowd.round(executor) == [others[0], mine[2]]
        await crowd.leave()
        assert set(await crowd.round(executor)) == {others[1], mine[3]}
        assert await crowd.round(executor) == []


async def test_two_workers_at_once_give_a_person_no_more_than_is_their_due(shared: Floor, comfy: FaultyComfy) -> None:
    """They look at different jobs, for they serve different tags, and each has an instance that is idle."""
    async with shared.db.write() as tx:
        await shared.keys.create(tx, OWNER.scope, OWNER.account_id, OWNER.tier)
    crowd, limits = Crowd(shared.db, shared.keys, shared.clock, OWNER), Limits(running_jobs=1)
    async with (
        FaultyComfy() as other,
        shared.open(comfy.url, work=False, limits=limits, tags=[Tag.DEFAULT]) as one,
        shared.open(other.url, work=False, limits=limits, tags=[Tag.VIDEO]) as two,
    ):
        await eventually(lambda: all(executor.pool.instances()[0].up for executor in (one, two)))
        for _ in range(10):
            [_, film] = await crowd.come(2, create(), people=["a"])
            async with shared.db.write() as tx:
                await tx.execute(update(jobs).where(jobs.c.id == film).values(tag=Tag.VIDEO))
            given = await asyncio.gather(crowd.round(one), crowd.round(two))
            assert sum(len(each) for each in given) == 1
            await crowd.leave()
            assert len([*await crowd.round(one), *await crowd.round(two)]) == 1
            await crowd.leave()


async def test_an_instance_with_too_little_memory_gets_nothing_that_needs_more(both: Floor) -> None:
    async with AsyncExitStack() as stack:
        small, large, unknown = [await stack.enter_async_context(FaultyComfy()) for _ in range(3)]
        small.vram_gb, large.vram_gb = 8.0, 24.0
        usual = next(tool for tool in load_tools() if tool.name == "text_to_image")
        needy = usual.model_copy(update={"name": "needy", "vram_gb": 20.0})
        executor = await stack.enter_async_context(both.open(small.url, large.url, unknown.url, tools=[needy]))
        await eventually(lambda: all(instance.up for instance in executor.pool.instances()))
        large.hold.clear()
        step = create().model_copy(update={"tool": "needy"})
        runs = [await both.start(executor, step) for _ in range(3)]
        await eventually(lambda: len(large.prompts) == 2)
        large.hold.set()
        for run_id in runs:
            await both.until(run_id)
    assert [len(server.prompts) for server in (small, large, unknown)] == [0, 3, 0]


def load(file: str) -> Step:
    step = create()
    return step.model_copy(update={"params": {**step.params, "checkpoint": file}})


async def test_a_job_goes_where_its_weights_are_until_the_server_was_away(both: Floor) -> None:
    first, second = [Owner("account-1", "standard", f"conversation-{n}") for n in (1, 2)]
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FaultyComfy(checkpoints=FILES)) for _ in range(2)]
        executor = await stack.enter_async_context(both.open(*(server.url for server in servers)))
        async with both.db.write() as tx:
            await both.keys.create(tx, second.scope, second.account_id, second.tier)
        instances = executor.pool.instances()
        await eventually(lambda: all(instance.up for instance in instances))

        async def goes(step: Step, owner: Owner) -> FaultyComfy:
            before = [len(server.prompts) for server in servers]
            await both.until(await both.start(executor, step, owner=owner))
            return next(server for server, count in zip(servers, before, strict=True) if len(server.prompts) > count)

        with_a, with_b = await goes(load(FILES[0]), first), await goes(load(FILES[1]), second)
        assert with_b is not with_a
        assert await goes(load(FILES[1]), first) is with_b  # though the other one served this conversation
        assert await goes(load(FILES[0]), first) is with_a
        await with_b.die()
        await eventually(lambda: not all(instance.up for instance in instances))
        await with_b.rise()
        await eventually(lambda: all(instance.up for instance in instances))
        assert await goes(load(FILES[1]), first) is with_a  # nothing is known of the other: the conversation's last decides


async def test_an_operator_sees_what_waits_what_instances_hold_and_what_they_have_loaded(
    crowd: Crowd, both: Floor, comfy: FaultyComfy
) -> None:
    async with both.open(comfy.url, work=False) as executor:
        await eventually(lambda: executor.pool.instances()[0].up)
        await crowd.come(5, create(), age_s=600)
        await crowd.come(2, create(), lane=Lane.LOW)
        await crowd.round(executor)
        async with both.db.write() as tx:
            last = select(func.max(jobs.c.id)).scalar_subquery()
            await tx.execute(update(jobs).where(jobs.c.id == last).values(waiting_for="The server at gpu1 is away."))
        async with both.db.read() as tx:
            seen = await overview(tx, both.clock.now(), [comfy.url], 90)
    [instance] = seen["instances"]
    assert (instance["where"], instance["jobs"], instance["warm"]) == (f"127.0.0.1:{comfy.port}", 2, 1)
    assert waiting_rows(seen) == [["normal", "default", 3], ["low", "default", 2]]
    assert need_rows(seen) == [["text_to_image", 4, ""], ["text_to_image", 1, "The server at gpu1 is away."]]
    assert list(sentences(seen)) == [
        "Nobody works. Start `stationthis serve`, or `stationthis worker` beside it.",
        "5 jobs waiting; the oldest for 10 min, 2 at work.",
    ]
