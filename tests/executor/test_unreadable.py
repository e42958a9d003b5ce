"""Rows that a newer version wrote: a worker that cannot read one does everything else, and leaves that one to who can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from base.settings import Limits
from executor import store
from executor.model import JobStatus, RunStatus
from executor.tables import jobs, runs
from executor.testing import FaultyComfy
from tests.executor.conftest import OWNER, Floor, create, eventually, resize
from tools.model import StepRef

Change = Callable[[dict[str, Any]], object]


def add(step: dict[str, Any]) -> None:
    step["mood"] = "new"


def drop(step: dict[str, Any]) -> None:
    del step["mood"]


async def rewrite(floor: Floor, run_id: str, change: Change) -> None:
    """As a version does whose steps have a field more."""
    key = await floor.keys.key(OWNER.scope)
    async with floor.db.write() as tx:
        for job in await store.jobs_of(tx, run_id):
            content = key.open(job["step"])
            for record in content["steps"]:
                change(record["step"])
            await tx.execute(update(jobs).where(jobs.c.id == job["id"]).values(step=key.seal(content)))
        run: Any = await store.run(tx, run_id)
        plan = key.open(run["plan"])
        for step in plan["steps"]:
            change(step)
        await tx.execute(update(runs).where(runs.c.id == run_id).values(plan=key.seal(plan)))


async def job_of(floor: Floor, run_id: str) -> Any:
    async with floor.db.read() as tx:
        [job] = await store.jobs_of(tx, run_id)
        return job


async def test_a_queue_with_a_row_that_cannot_be_read_goes_on_and_that_one_waits(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(work=False) as web:
        newer = await both.start(web, create())
        await rewrite(both, newer, add)
    async with both.open(comfy.url) as executor:
        assert "newer version" in (await both.until(newer, "run.waiting"))[-1].data["reason"]
        assert (await both.until(await both.start(executor, create(prompt="another"))))[-1].type == "run.completed"
        await rewrite(both, newer, drop)  # a worker that can read it
        assert (await both.until(newer))[-1].type == "run.completed"


async def test_what_nobody_can_read_ends_at_its_deadline(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(work=False) as web:
        newer = await both.start(web, create())
        await rewrite(both, newer, add)
    async with both.open(comfy.url, limits=Limits(job_seconds=0.1)):
        assert (await both.until(newer))[-1].type == "run.failed"


async def test_who_takes_over_leaves_what_it_cannot_read_and_takes_the_rest(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        newer, other = await both.start(executor, create()), await both.start(executor, create(prompt="another"))
        await eventually(lambda: len(comfy.prompts) == 2)
    before = await job_of(both, newer)
    await rewrite(both, newer, add)
    comfy.hold.set()
    async with both.open(comfy.url):
        assert (await both.until(other))[-1].type == "run.completed"
        await both.until(newer, "run.waiting")
        after = await job_of(both, newer)
        assert (after["status"], after["prompt_id"]) == (JobStatus.QUEUED, before["prompt_id"])
        await rewrite(both, newer, drop)
        assert (await both.until(newer))[-1].type == "run.completed"
    assert len(comfy.prompts) == 2  # nothing was rendered again


async def test_a_run_is_not_held_up_by_one_that_waits_for_it_and_cannot_be_read(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(work=False) as web:
        first = await both.start(web, create())
        newer = await both.start(web, resize("big", StepRef(run_id=first, step_id="s1", port="image")))
        await rewrite(both, newer, add)
    async with both.open(comfy.url) as executor:
        assert (await both.until(first))[-1].type == "run.completed"
        [mend] = [task for task in executor.upkeep if task.name == "runs_mended"]
        await mend.work()
        async with both.db.read() as tx:
            assert await tx.scalar(select(runs.c.status).where(runs.c.id == newer)) == RunStatus.ACTIVE
        await rewrite(both, newer, drop)
        await mend.work()
        assert (await both.until(newer))[-1].type == "run.completed"


async def test_a_lane_that_only_a_newer_version_knows_counts_as_normal(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(work=False) as web:
        newer = await both.start(web, create())
        async with both.db.write() as tx:
            await tx.execute(update(jobs).values(lane=7))
    async with both.open(comfy.url):
        assert (await both.until(newer))[-1].type == "run.completed"
