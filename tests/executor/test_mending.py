"""Runs that stand still are found and moved; nothing else is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from executor import store
from executor.assembly import Executor
from executor.model import JobStatus, RunStatus
from executor.tables import job_steps, jobs, runs
from tests.executor.conftest import OWNER, Floor, create, resize
from tools.model import StepRef


async def mend(executor: Executor) -> None:
    [task] = [task for task in executor.upkeep if task.name == "runs_mended"]
    await task.work()


async def run_of(floor: Floor, run_id: str) -> tuple[Any, list[Any]]:
    async with floor.db.read() as tx:
        return await store.run(tx, run_id), await store.jobs_of(tx, run_id)


async def over(floor: Floor, run_id: str, status: JobStatus) -> None:
    """Its jobs ended, and nobody looked what follows."""
    async with floor.db.write() as tx:
        now = floor.clock.now()
        await tx.execute(update(jobs).where(jobs.c.run_id == run_id).values(status=status, ended_at=now))
        if status is JobStatus.COMPLETED:
            await tx.execute(update(job_steps).where(job_steps.c.run_id == run_id).values(done_at=now))


async def test_a_run_that_stopped_without_an_end_ends(both: Floor) -> None:
    async with both.open(work=False) as executor:
        run_id = await both.start(executor, create())
        await over(both, run_id, JobStatus.COMPLETED)
        async with both.db.write() as tx:
            await store.change_run(tx, run_id, [RunStatus.ACTIVE], stopping=True)
        await mend(executor)
        assert (await both.until(run_id))[-1].type == "run.cancelled"


async def test_a_run_whose_input_came_unseen_goes_on(both: Floor) -> None:
    async with both.open(work=False) as executor:
        first = await both.start(executor, create())
        other = await both.start(executor, resize("big", StepRef(run_id=first, step_id="s1", port="image")))
        patient = await both.start(executor, resize("big", StepRef(run_id=other, step_id="big", port="image")))
        await over(both, first, JobStatus.COMPLETED)
        await mend(executor)
        assert (await run_of(both, first))[0]["status"] == RunStatus.COMPLETED
        assert [job["status"] for job in (await run_of(both, other))[1]] == [JobStatus.QUEUED]
        run, made = await run_of(both, patient)
    assert (run["status"], made) == (RunStatus.ACTIVE, [])


async def test_a_job_that_outlived_its_run_is_cancelled(both: Floor) -> None:
    async with both.open(work=False) as executor:
        run_id = await both.start(executor, create())
        busy = await both.start(executor, create("s1", prompt="another"))
        async with both.db.write() as tx:
            await tx.execute(update(runs).where(runs.c.id == run_id).values(status=RunStatus.FAILED))
        await mend(executor)
        assert [job["status"] for job in (await run_of(both, run_id))[1]] == [JobStatus.CANCELLED]
        assert [job["status"] for job in (await run_of(both, busy))[1]] == [JobStatus.QUEUED]


async def test_a_run_that_is_forgotten_keeps_nobody_else_standing(both: Floor) -> None:
    gone = await both.person("gone")
    async with both.open(work=False) as executor:
        forgotten = await both.start(executor, create(), owner=gone)
        run_id = await both.start(executor, create())
        await over(both, forgotten, JobStatus.COMPLETED)
        await over(both, run_id, JobStatus.COMPLETED)
        async with both.db.write() as tx:
            await both.keys.forget(tx, gone.scope)
        await mend(executor)
        assert (await run_of(both, forgotten))[0]["status"] == RunStatus.FAILED
        assert (await both.until(run_id))[-1].type == "run.completed"


async def test_a_run_that_waits_for_another_is_no_burden_when_it_is_forgotten(both: Floor) -> None:
    elsewhere = type(OWNER)(OWNER.account_id, OWNER.tier, "conversation-2")
    async with both.db.write() as tx:
        await both.keys.create(tx, elsewhere.scope, elsewhere.account_id, elsewhere.tier)
    async with both.open(work=False) as executor:
        first = await both.start(executor, create())
        other = await both.start(executor, resize("big", StepRef(run_id=first, step_id="s1", port="image")), owner=elsewhere)
        async with both.db.write() as tx:
            await both.keys.forget(tx, elsewhere.scope)
        await executor.runs.cancel(first, OWNER.account_id)
        assert (await both.until(first))[-1].type == "run.cancelled"
        await mend(executor)
        assert (await run_of(both, other))[0]["status"] == RunStatus.FAILED
