"""Workers of two versions beside each other, and one whose tools are late: what is unknown here is no fault of a job."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from base.db import Database
from base.settings import Limits, Settings
from base.testing import ManualClock
from executor import roster
from executor.assembly import Executor, open_executor
from executor.model import JobStatus, Tag, WorkerState
from executor.tables import jobs, workers
from executor.testing import QUICK, FaultyComfy
from tests.executor.conftest import OWNER, Floor, create, eventually
from tools.index import ToolIndex
from tools.model import Step, Tool
from tools.service import ToolCatalogue, build_graph, load_tools
from tools.testing import HashEncoder


def newest() -> Tool:
    """A tool of the next version."""
    known = next(tool for tool in load_tools() if tool.name == "text_to_image")
    return known.model_copy(update={"name": "text_to_image_next"})


def step(**more: object) -> Step:
    return create(**more).model_copy(update={"tool": "text_to_image_next"})  # type: ignore[arg-type]


async def statuses(floor: Floor) -> list[str]:
    async with floor.db.read() as tx:
        return [row["status"] for row in await tx.all(select(jobs.c.status).order_by(jobs.c.id))]


async def test_a_job_of_a_newer_web_waits_for_a_newer_worker(shared: Floor, comfy: FaultyComfy) -> None:
    async with shared.open(comfy.url), shared.open(comfy.url, work=False, tools=[newest()]) as web:
        run_id = await shared.start(web, step())
        waiting = (await shared.until(run_id, "run.waiting"))[-1]
        assert "text_to_image_next" in waiting.data["reason"]
        other = await shared.start(web, create())  # nothing stands still meanwhile
        assert (await shared.until(other))[-1].type == "run.completed"
        async with shared.open(comfy.url, tools=[newest()]):
            assert (await shared.until(run_id))[-1].type == "run.completed"


async def test_what_another_living_worker_knows_is_left_to_it_in_silence(shared: Floor, comfy: FaultyComfy) -> None:
    async with shared.open(comfy.url, tools=[newest()], limits=Limits(job_seconds=0.1)) as new:
        await eventually(lambda: new.worker._introduced)
        async with shared.db.write() as tx:
            await roster.want(tx, WorkerState.PAUSED)
        await asyncio.sleep(3 * QUICK.poll_s)
        async with shared.open(comfy.url, limits=Limits(job_seconds=0.1)):
            run_id = await shared.start(new, step())
            other = await shared.start(new, create())
            assert (await shared.until(other))[-1].type == "run.completed"
            assert await statuses(shared) == [JobStatus.QUEUED, JobStatus.COMPLETED]
            async with shared.db.write() as tx:
                await roster.want(tx, WorkerState.ACTIVE)
            events = await shared.until(run_id)
    assert [event.type for event in events if event.type in ("run.waiting", "run.completed")] == ["run.completed"]


async def test_a_job_of_a_newer_worker_that_left_it_in_mid_render_is_put_back_and_paid_once(
    shared: Floor, comfy: FaultyComfy
) -> None:
    comfy.hold.clear()
    async with shared.open(comfy.url, tools=[newest()]) as new:
        run_id = await shared.start(new, step())
        await eventually(lambda: comfy.running is not None)
    async with shared.open(comfy.url):
        await shared.until(run_id, "run.waiting")
        comfy.hold.set()
        async with shared.open(comfy.url, tools=[newest()]):
            assert (await shared.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 1


@asynccontextmanager
async def late(floor: Floor, comfy: FaultyComfy, there: threading.Event) -> AsyncIterator[tuple[Executor, ToolCatalogue]]:
    """An executor whose newest tool is known when `there` is set."""

    def tools() -> tuple[Tool, ...]:
        there.wait(60)
        return (*load_tools(), newest())

    settings = Settings(data=floor.data, comfy_urls=(comfy.url,), _env_file=None)
    catalogue = ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), None), late=tools)
    async with open_executor(
        settings, floor.db, floor.keys, floor.events, floor.bell, floor.clock, build_graph, catalogue, pace=QUICK,
        renderer=None, begins=catalogue.whole,
    ) as executor:  # fmt: skip
        yield executor, catalogue


async def test_an_upgraded_process_takes_nothing_before_it_knows_all_its_tools(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.db.write() as tx:
        await floor.keys.create(tx, OWNER.scope, OWNER.account_id, OWNER.tier)
    comfy.hold.clear()
    async with floor.open(comfy.url, tools=[newest()]) as before:
        runs = [await floor.start(before, step()) for _ in range(3)]
        await eventually(lambda: comfy.running is not None)
    sent = len(comfy.prompts)
    there = threading.Event()
    async with late(floor, comfy, there) as (executor, catalogue):
        preparing = asyncio.create_task(catalogue.prepare())
        await eventually(lambda: bool(executor.pool.capabilities()))
        comfy.hold.set()
        await asyncio.sleep(4 * QUICK.poll_s)  # rounds in which it could have begun
        assert JobStatus.FAILED not in await statuses(floor)
        assert len(comfy.prompts) == sent
        there.set()
        await preparing
        assert {(await floor.until(run_id))[-1].type for run_id in runs} == {"run.completed"}
    assert len(comfy.prompts) == 3


async def test_what_cannot_be_loaded_keeps_nobody_from_working(floor: Floor) -> None:
    def broken() -> tuple[Tool, ...]:
        raise ValueError

    catalogue = ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), None), late=broken)
    with pytest.raises(ValueError):
        await catalogue.prepare()
    await catalogue.whole()


async def test_who_may_know_a_tool_is_asked_of_the_living_who_serve_the_tag(database: Database, clock: ManualClock) -> None:
    async def may(tool: str, tag: Tag = Tag.DEFAULT) -> bool:
        async with database.read() as tx:
            return await roster.may_know(tx, tool, tag, clock.now(), 90.0, but="me")

    async with database.write() as tx:
        assert await roster.beat(tx, "me", tuple(Tag), clock.now())
        await roster.introduce(tx, "me", ["a", "b"])
    assert not await may("a")
    async with database.write() as tx:
        await roster.beat(tx, "other", (Tag.VIDEO,), clock.now())
    assert not await may("a")
    assert await may("a", Tag.VIDEO)  # it has not said yet
    async with database.write() as tx:
        await roster.introduce(tx, "other", ["b"])
    assert (await may("a", Tag.VIDEO), await may("b", Tag.VIDEO)) == (False, True)
    clock.advance(timedelta(seconds=91).total_seconds())
    assert not await may("b", Tag.VIDEO)
    async with database.read() as tx:
        assert [row["tools"] for row in await tx.all(select(workers.c.tools).order_by(workers.c.id))] == ["a\nb\n", "b\n"]
