"""A process that does not work knows servers from what workers note, meets none, and says so where no worker is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update

from base.crypto import HOUSE
from base.testing import MemoryKeyStore
from executor import presence
from executor.assembly import Executor
from executor.presence import Noted, there
from executor.providers.static import instance_id
from executor.tables import instances, workers
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor, create, eventually
from tools.model import NOBODY

LEASE = timedelta(seconds=90)
NOW = datetime.fromisoformat("2026-01-09T00:00:00+00:00")


@asynccontextmanager
async def _page(floor: Floor, *urls: str) -> AsyncIterator[Executor]:
    async with floor.open(*urls, work=False, meet=False) as executor:
        yield executor


async def test_before_the_first_worker_nobody_knows_anything(both: Floor) -> None:
    async with _page(both) as page:
        assert page.providers == ()
        assert page.pool.capabilities() == [NOBODY]
        assert page.operations.degraded() == ["workers"]
        info = page.pool.info()["image"]
        assert info["status"] == "unavailable"
        assert info["reason"].startswith("No worker runs")
        assert await page.operations.instances() == []


async def test_a_configured_server_is_planned_for_before_anybody_met_it(floor: Floor, comfy: FaultyComfy) -> None:
    async with _page(floor, comfy.url) as page:
        [known] = page.pool.capabilities()
        assert (known.unknown, known.unattended) == (True, True)
        [row] = await page.operations.instances()
        assert (row["up"], row["since"], row["where"]) == (None, None, comfy.url.removeprefix("http://"))
        figures = await page.operations.figures()
    assert figures.away == []  # nobody can say, so nobody is told
    assert comfy.first_messages == []


async def test_what_a_worker_meets_a_page_knows_and_after_the_last_worker_it_says_so(
    both: Floor, comfy: FaultyComfy
) -> None:
    async with _page(both) as page:
        async with both.open(comfy.url) as worker:
            await eventually(lambda: page.pool.attended() and any(each.nodes for each in page.pool.capabilities()))
            assert page.pool.capabilities() == worker.pool.capabilities()
            await eventually(lambda: page.pool.info()["image"]["status"] == "real")
            assert page.operations.degraded() == []
            [row] = await page.operations.instances()
            assert row == (await worker.operations.instances())[0]
            run_id = await both.start(page, create())
            assert (await both.until(run_id))[-1].type == "run.completed"
        await eventually(lambda: not page.pool.attended())
        [known] = page.pool.capabilities()
        assert known.unattended
        assert known.nodes == worker.pool.capabilities()[0].nodes
        assert page.operations.degraded() == ["workers"]
        assert page.pool.info()["image"]["reason"].startswith("No worker runs")
        run_id = await both.start(page, create(prompt="another one"))
        assert (await both.until(run_id, "run.waiting"))[-1].data["reason"].startswith("No worker runs")
    async with _page(both) as page:  # and so does the next process
        assert [each.unattended for each in page.pool.capabilities()] == [True]
        assert page.pool.capabilities()[0].nodes
    async with both.open(comfy.url):
        assert (await both.until(run_id))[-1].type == "run.completed"


async def test_a_change_of_what_a_server_has_is_noted(floor: Floor, comfy: FaultyComfy) -> None:
    async with _page(floor) as page, floor.open(comfy.url) as worker:
        await eventually(lambda: _files(page) == {"real.safetensors"})
        comfy.checkpoints = ("real.safetensors", "new.safetensors")
        await eventually(lambda: _files(page) == {"real.safetensors", "new.safetensors"})
        await comfy.die()
        [gone] = worker.pool.instances()
        await eventually(lambda: not gone.up and page.pool.capabilities()[0].last_seen == gone.since)
        assert page.pool.info()["image"]["status"] == "unavailable"


async def test_names_of_files_are_sealed(floor: Floor, comfy: FaultyComfy) -> None:
    async with _page(floor) as page, floor.open(comfy.url):
        await eventually(lambda: _files(page) == {"real.safetensors"})
        async with floor.db.read() as tx:
            [row] = await tx.all(select(instances))
    assert b"real.safetensors" not in row["has"].data
    assert row["id"] == instance_id(comfy.url)


async def test_what_was_sealed_under_another_master_key_is_nothing(floor: Floor) -> None:
    async with floor.db.write() as tx:
        key = await MemoryKeyStore().key(HOUSE)
        await tx.execute(instances.insert().values(id="local-a", has=key.seal({}), told_at=floor.clock.now()))
    async with _page(floor) as page:
        assert page.pool.capabilities() == [NOBODY]


async def test_a_worker_that_was_killed_is_missed_after_a_lease(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as worker:
        await eventually(lambda: any(each.nodes for each in worker.pool.capabilities()))
        async with _page(floor) as page:
            await eventually(lambda: page.pool.attended() and any(each.nodes for each in page.pool.capabilities()))
    async with floor.db.write() as tx:
        long_ago = floor.clock.now() - timedelta(seconds=60)
        await tx.execute(workers.insert().values(
            id="killed", host="h", pid=1, tags="", wanted="active", started_at=long_ago, seen_at=long_ago))  # fmt: skip
        await tx.execute(update(instances).values(seen_at=long_ago, up=True))
    async with _page(floor) as page:
        assert not page.pool.attended()
        assert [instance.up for instance in page.pool.instances()] == [False]


async def test_a_worker_of_its_own_says_goodbye_to_its_renderer(shared: Floor) -> None:
    async with _page(shared) as page:
        for _ in range(2):  # a rolling restart: the next one's renderer has another name
            async with shared.open(renderer=()) as worker:
                mine = {each.id for each in worker.pool.instances()}
                await eventually(partial(_knows, page, mine))
                assert {each.id for each in page.pool.instances()} == mine
            await eventually(lambda: not page.pool.attended())
            assert {each.id for each in page.pool.instances()} == mine  # what such a process can do is still known
        assert [each.sketch for each in page.pool.capabilities()] == [True]


async def test_renderers_that_are_gone_are_forgotten_but_for_the_last(floor: Floor, comfy: FaultyComfy) -> None:
    now = floor.clock.now()
    async with floor.db.write() as tx:
        for age, name in ((3, "local-a"), (2, "local-b"), (4, instance_id(comfy.url))):
            told = now - timedelta(days=age)
            await tx.execute(instances.insert().values(id=name, up=None, since=None, seen_at=None, told_at=told))
        await presence.forget(tx, now)
        assert [row.id for row in await presence.noted(tx)] == ["local-b", instance_id(comfy.url)]


def test_who_counts_as_there() -> None:
    gpu = Noted("static-1", True, NOW, NOW, NOW - timedelta(days=3))
    old, new = (Noted(f"local-{n}", True, NOW, NOW, NOW - timedelta(hours=n)) for n in (2, 1))
    assert there([gpu, old, new], NOW, LEASE.total_seconds()) == [gpu, old, new]
    gone = replace(old, seen_at=None)
    assert there([gpu, gone, new], NOW, LEASE.total_seconds()) == [gpu, new]
    later = NOW + LEASE * 2  # nobody says anything: the servers of then, and what one renderer could do
    assert there([gpu, gone, new], later, LEASE.total_seconds()) == [gpu, new]
    other = replace(gpu, id="static-2", seen_at=NOW - LEASE * 3)
    assert there([gpu, other, gone], later, LEASE.total_seconds()) == [gpu, gone]
    assert there([], NOW, LEASE.total_seconds()) == []


def _files(page: Executor) -> set[str]:
    return {name for each in page.pool.capabilities() for files in each.models.values() for name in files}


def _knows(page: Executor, up: set[str]) -> bool:
    return {each.id for each in page.pool.instances() if each.up} == up
