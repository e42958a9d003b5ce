"""Jobs that no worker takes: those who wait hear why, and of the line again once somebody does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from base.periodic import Periodic
from executor import roster
from executor.assembly import Executor
from executor.idling import GRACE, PAUSED, why_idle, worth_telling
from executor.model import JobStatus, Tag, WorkerState
from executor.records import shape
from executor.roster import WorkerRow
from executor.saying import sentence
from executor.tables import jobs
from executor.testing import FaultyComfy
from executor.waiting.line import NO_WORKER
from tests.executor.conftest import Floor, create, eventually

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def worker(wanted: WorkerState, *tags: Tag) -> WorkerRow:
    return WorkerRow(wanted, "host", 1, tags or tuple(Tag), wanted, NOW, NOW, 0)


@pytest.mark.parametrize(
    ("living", "reason"),
    [
        ([], NO_WORKER),
        ([worker(WorkerState.DRAINING)], NO_WORKER),
        ([worker(WorkerState.ACTIVE, Tag.VIDEO)], NO_WORKER),
        ([worker(WorkerState.PAUSED), worker(WorkerState.DRAINING)], PAUSED),
        ([worker(WorkerState.PAUSED), worker(WorkerState.ACTIVE)], None),
    ],
)
def test_why_nobody_takes_a_job(living: list[WorkerRow], reason: str | None) -> None:
    assert why_idle(Tag.DEFAULT, living) == reason


def test_a_pause_is_told_at_once_and_of_a_restart_nobody_hears() -> None:
    assert worth_telling(PAUSED, timedelta(0))
    assert [worth_telling(NO_WORKER, GRACE + timedelta(seconds=more)) for more in (-1, 1)] == [False, True]


def task(executor: Executor, name: str) -> Periodic:
    return next(each for each in executor.upkeep if each.name == name)


async def test_a_person_hears_of_a_pause_and_of_the_line_when_it_is_over(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        running = [await both.start(executor, create(prompt=f"{n}")) for n in range(2)]
        await eventually(lambda: len(comfy.prompts) == 2)
        async with both.db.write() as tx:
            await roster.want(tx, WorkerState.PAUSED)
        waiting = await both.start(executor, create(prompt="waits"))
        for _ in range(2):  # the second time there is nothing to say
            await task(executor, "idle_told").work()
        [paused] = [event for event in await both.until(waiting, "run.waiting") if event.type == "run.waiting"]
        assert paused.data["reason"] == PAUSED
        async with both.db.write() as tx:
            await roster.want(tx, WorkerState.ACTIVE)
        heard: list[str] = []
        async for event in both.events.follow(f"run:{waiting}"):
            heard.append(event.type)
            if heard[-2:] == ["run.waiting", "run.queued"]:
                break
        comfy.hold.set()
        for run_id in (*running, waiting):
            assert (await both.until(run_id))[-1].type == "run.completed"
    assert heard.count("run.waiting") == 1


async def test_who_is_not_looked_at_hears_too_that_the_pause_is_over(both: Floor, comfy: FaultyComfy) -> None:
    """A program reads why its job waits, also of one that is only due later."""
    async with both.open(comfy.url, work=False) as executor:
        run_id = await both.start(executor, create())
        async with both.db.write() as tx:
            later = both.clock.now() + timedelta(hours=1)
            await tx.execute(update(jobs).values(waiting_for=PAUSED, place=None, due_at=later))
            await roster.beat(tx, "one", [Tag.DEFAULT], both.clock.now())
        [job] = await executor.runs.jobs(run_id)
        assert shape(job, both.clock.now())["sentence"] == PAUSED
        await task(executor, "idle_told").work()
        [job] = await executor.runs.jobs(run_id)
    assert shape(job)["sentence"] == sentence(JobStatus.QUEUED, None)
