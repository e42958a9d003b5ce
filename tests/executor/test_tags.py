"""A worker that serves some tags leaves all else alone: what waits, and what another one left behind."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from executor.model import AT_WORK, Tag
from executor.tables import jobs
from executor.testing import FaultyComfy
from executor.watch import store
from tests.executor.conftest import Floor, create, eventually


async def test_a_job_that_was_left_is_taken_over_by_a_worker_of_its_tag_alone(shared: Floor, comfy: FaultyComfy) -> None:
    """Another one may know other servers, and would take the render for lost."""
    comfy.hold.clear()
    async with shared.open(comfy.url, tags=[Tag.DEFAULT]) as executor:
        left = await shared.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    comfy.hold.set()
    async with FaultyComfy() as elsewhere, shared.open(elsewhere.url, tags=[Tag.VIDEO]) as executor:
        film = await shared.start(executor, create())
        async with shared.db.write() as tx:
            await tx.execute(update(jobs).where(jobs.c.run_id == film).values(tag=Tag.VIDEO))
        assert (await shared.until(film))[-1].type == "run.completed"
        assert len(elsewhere.prompts) == 1
    async with shared.db.read() as tx:
        row = await tx.one(select(jobs.c.status, jobs.c.lease_owner).where(jobs.c.run_id == left))
        assert row is not None
        assert row["status"] in AT_WORK
        assert row["lease_owner"] is None
        now = shared.clock.now()
        assert await store.adrift(tx, now) == {}  # whoever serves its tag may be on their way
        assert await store.adrift(tx, now + timedelta(hours=1)) == {Tag.DEFAULT: 1}
    async with shared.open(comfy.url, tags=[Tag.DEFAULT, Tag.HIGH_VRAM]):
        assert (await shared.until(left))[-1].type == "run.completed"
    assert len(comfy.prompts) == 1
