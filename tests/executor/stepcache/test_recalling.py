"""What was done before is not done again: runs against a ComfyUI on loopback, on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from base.events import Event
from executor.assembly import Executor
from executor.model import Owner, RunStatus
from executor.stepcache import store
from executor.stepcache.store import Entry
from executor.tables import job_steps, jobs, step_cache
from executor.testing import FaultyComfy
from tests.executor.conftest import OWNER, SECRET, Floor, create, eventually, resize
from tools.model import AssetRef, Estimate, MediaKind, Plan, Step, StepRef

ELSEWHERE = Owner(OWNER.account_id, "standard", "conversation-2")
STRANGER = Owner("account-2", "standard", "conversation-3")
INCOGNITO = Owner(OWNER.account_id, "incognito", "conversation-4")
OWNERS = (OWNER, ELSEWHERE, STRANGER, INCOGNITO)


@asynccontextmanager
async def opened(floor: Floor, *urls: str, **more: Any) -> AsyncIterator[Executor]:
    """An executor for people whose accounts have keys of their own."""
    async with floor.db.write() as tx:
        for owner in OWNERS:
            await floor.keys.create(tx, owner.scope, owner.account_id, owner.tier)
            await floor.keys.create(tx, f"account:{owner.account_id}", owner.account_id, "standard")
    async with floor.open(*urls, **more) as executor:
        yield executor


async def done(floor: Floor, executor: Executor, *steps: Step, owner: Owner = OWNER) -> tuple[str, list[Event]]:
    run_id = await floor.start(executor, *steps, owner=owner)
    return run_id, await floor.until(run_id)


def told(events: list[Event]) -> tuple[list[bool], list[str]]:
    """Which outputs had been made before, and which steps."""
    return [e.data["cached"] for e in events if e.type == "run.output"], events[-1].data["cached"]


async def test_the_same_step_is_not_done_again(both: Floor, comfy: FaultyComfy) -> None:
    async with opened(both, comfy.url) as executor:
        first, events = await done(both, executor, create())
        second, again = await done(both, executor, create("other"), owner=ELSEWHERE)
        [made], [given] = await executor.runs.assets(first), await executor.runs.assets(second)
        run = await executor.runs.get(second, OWNER.account_id)
        read = b"".join([block async for block in executor.assets.read(given)])
    assert (comfy.done, run.status, run.credits, run.gpu_s) == (1, RunStatus.COMPLETED, 0.0, 0.0)
    assert [e.type for e in again] == ["run.output", "run.completed"]
    assert (told(events), told(again)) == (([False], []), ([True], ["other"]))
    assert again[-1].data["cost"] == {"credits": 0.0, "gpu_s": 0.0}
    assert given.id != made.id
    assert (given.blob, given.sha256, given.params, given.step_id) == (made.blob, made.sha256, made.params, "other")
    assert (given.run_id, given.owner, hashlib.sha256(read).hexdigest()) == (second, ELSEWHERE, made.sha256)


@pytest.mark.parametrize("change", [{"seed": 8}, {"prompt": "another"}, {"steps": 3}])
async def test_another_value_is_another_step(floor: Floor, comfy: FaultyComfy, change: dict[str, Any]) -> None:
    other = create().model_copy(update={"params": {**create().params, **change}})
    async with opened(floor, comfy.url) as executor:
        await done(floor, executor, create())
        _, events = await done(floor, executor, other)
    assert (comfy.done, told(events)) == (2, ([False], []))


async def test_nobody_is_given_what_somebody_else_made(both: Floor, comfy: FaultyComfy) -> None:
    async with opened(both, comfy.url) as executor:
        await done(both, executor, create())
        await done(both, executor, create(), owner=STRANGER)
    async with both.db.read() as tx:
        keys = [row["key"] for row in await tx.all(select(step_cache.c.key))]
    assert comfy.done == len(set(keys)) == 2


async def test_incognito_neither_writes_nor_reads(both: Floor, comfy: FaultyComfy) -> None:
    async with opened(both, comfy.url) as executor:
        await done(both, executor, create(), owner=INCOGNITO)
        async with both.db.read() as tx:
            assert await tx.all(select(step_cache)) == []
        await done(both, executor, create())
        await done(both, executor, create(), owner=INCOGNITO)
    assert comfy.done == 3


async def test_what_is_known_of_a_step_is_a_hash_that_nobody_can_guess_at(floor: Floor, comfy: FaultyComfy) -> None:
    async with opened(floor, comfy.url) as executor:
        await done(floor, executor, create())
    async with floor.db.read() as tx:
        [row] = await tx.all(select(step_cache))
    assert SECRET not in str(dict(row))
    file = Path(floor.db.url.removeprefix("sqlite+aiosqlite:///"))
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*"))


async def test_a_step_that_shall_be_done_anew_is(floor: Floor, comfy: FaultyComfy) -> None:
    async with opened(floor, comfy.url) as executor:
        await done(floor, executor, create())
        fresh, events = await done(floor, executor, create(fresh=True))
        await done(floor, executor, create())
    async with floor.db.read() as tx:
        [row] = await tx.all(select(step_cache))
    assert (comfy.done, told(events), row["run_id"]) == (2, ([False], []), fresh)


async def test_a_deleted_picture_is_made_again(both: Floor, comfy: FaultyComfy) -> None:
    async with opened(both, comfy.url) as executor:
        first, _ = await done(both, executor, create())
        [made] = await executor.runs.assets(first)
        await executor.assets.delete(made.id, OWNER.account_id)
        async with both.db.read() as tx:
            assert await tx.all(select(step_cache)) == []
        _, events = await done(both, executor, create())
    assert (comfy.done, told(events)) == (2, ([False], []))


async def test_what_was_given_stays_when_what_it_came_from_goes(both: Floor, comfy: FaultyComfy) -> None:
    async with opened(both, comfy.url) as executor:
        first, _ = await done(both, executor, create())
        second, _ = await done(both, executor, create())
        [made], [given] = await executor.runs.assets(first), await executor.runs.assets(second)
        await executor.assets.delete(made.id, OWNER.account_id)
        assert executor.assets.path(given).exists()
        await executor.assets.delete(given.id, OWNER.account_id)
        assert not executor.assets.path(given).exists()


@pytest.mark.parametrize("loss", ["bytes", "key"])
async def test_what_is_no_longer_there_is_made_again(floor: Floor, comfy: FaultyComfy, loss: str) -> None:
    async with opened(floor, comfy.url) as executor:
        first, _ = await done(floor, executor, create())
        if loss == "bytes":
            executor.assets.path((await executor.runs.assets(first))[0]).unlink()
        else:
            async with floor.db.write() as tx:
                await floor.keys.forget(tx, OWNER.scope)
        await done(floor, executor, create(), owner=ELSEWHERE)
    assert comfy.done == 2


async def test_what_follows_from_known_steps_is_known_too_and_the_rest_runs(both: Floor, comfy: FaultyComfy) -> None:
    inner = create(deliver=False)
    async with opened(both, comfy.url) as executor:
        first, _ = await done(both, executor, inner, resize("s2", StepRef(step_id="s1")))
        before = comfy.done
        second, events = await done(
            both, executor, inner, resize("s2", StepRef(step_id="s1"), deliver=False),
            turned("s3", StepRef(step_id="s2")),
        )  # fmt: skip
        _, again = await done(both, executor, inner, resize("s2", StepRef(step_id="s1")))
        painted, halved, _ = await executor.runs.assets(second)
    assert comfy.done == before + 1
    assert told(events) == ([False], ["s1", "s2"])
    assert told(again) == ([True], ["s1", "s2"])
    assert [p.asset_id for p in halved.parents] == [painted.id]
    assert painted.run_id == second != first


def turned(id: str, *source: Any) -> Step:
    return Step(id=id, tool="invert_image", title="Invert", inputs={"image": source}, outputs={"image": MediaKind.IMAGE})


async def test_other_bytes_under_the_same_name_are_another_step(floor: Floor, comfy: FaultyComfy) -> None:
    async with opened(floor, comfy.url) as executor:
        first, _ = await done(floor, executor, create())
        second, _ = await done(floor, executor, create(fresh=True))  # a server of its own mind: other bytes each time
        [one], [other] = await executor.runs.assets(first), await executor.runs.assets(second)
        before = comfy.done
        for asset in (one, other, one):
            await done(floor, executor, resize("s1", AssetRef(asset_id=asset.id)))
    assert comfy.done - before == len({one.sha256, other.sha256})


async def test_an_entry_of_which_a_part_was_lost_is_dropped(floor: Floor, comfy: FaultyComfy) -> None:
    async with opened(floor, comfy.url) as executor:
        await done(floor, executor, create())
        async with floor.db.write() as tx:
            await tx.execute(update(step_cache).values(outputs=2))
        _, events = await done(floor, executor, create())
    assert (comfy.done, told(events)) == (2, ([False], []))


async def test_a_server_that_is_away_need_not_come_back(floor: Floor, comfy: FaultyComfy) -> None:
    async with opened(floor, comfy.url) as executor:
        await done(floor, executor, create())
        await comfy.die()
        await eventually(lambda: not executor.pool.instances()[0].up)
        _, events = await done(floor, executor, create())
    assert told(events) == ([True], ["s1"])


async def test_nobody_works_and_what_is_known_is_there_at_once(both: Floor, comfy: FaultyComfy) -> None:
    async with opened(both, comfy.url) as executor:
        await done(both, executor, create())
        await executor.worker.stop()
        _, events = await done(both, executor, create())
    assert told(events) == ([True], ["s1"])


async def test_a_sketch_never_stands_for_what_a_gpu_could_paint(floor: Floor, comfy: FaultyComfy) -> None:
    async with opened(floor, renderer=()) as executor:
        first, _ = await done(floor, executor, create())
        second, events = await done(floor, executor, create())
        [sketch], [again] = await executor.runs.assets(first), await executor.runs.assets(second)
    async with opened(floor, comfy.url, renderer=()) as executor:
        third, _ = await done(floor, executor, create())
        [real] = await executor.runs.assets(third)
    assert told(events) == ([True], ["s1"])
    assert (sketch.sketch, again.sketch, real.sketch, comfy.done) == (True, True, False, 1)


async def test_a_known_step_has_a_job_of_its_own_that_cost_nothing(both: Floor, comfy: FaultyComfy) -> None:
    async with opened(both, comfy.url) as executor:
        await done(both, executor, create())
        second, _ = await done(both, executor, create())
    async with both.db.read() as tx:
        [job] = await tx.all(select(jobs).where(jobs.c.run_id == second))
        [step] = await tx.all(select(job_steps).where(job_steps.c.run_id == second))
    assert (job["status"], job["credits"], job["instance"], job["attempts"]) == ("completed", 0.0, None, 0)
    assert (step["cached"], step["done_at"], step["job_id"]) == (True, job["ended_at"], job["id"])


async def test_a_price_is_promised_only_for_what_would_run(both: Floor, comfy: FaultyComfy) -> None:
    steps = create(deliver=False), resize("s2", StepRef(step_id="s1"))
    asked = Estimate(credits=(1, 2), seconds=(3, 4))

    def plan(*steps: Step) -> Plan:
        return Plan(id="p", summary="", steps=steps, estimate=asked)

    async with opened(both, comfy.url) as executor:
        before = await executor.runs.priced(plan(*steps), OWNER)
        await done(both, executor, *steps)
        known = await executor.runs.priced(plan(*steps), ELSEWHERE)
        more = await executor.runs.priced(plan(*steps, turned("s3", StepRef(step_id="s2"))), OWNER)
        theirs = await executor.runs.priced(plan(*steps), STRANGER)
    assert [p.estimate for p in (before, known, more, theirs)] == [asked, Estimate(), asked, asked]
    assert [warning.code for warning in known.warnings] == ["known"]


# --- the table


async def test_an_account_is_known_by_its_newest_steps(both: Floor) -> None:
    async with both.db.write() as tx:
        for number in range(12):
            entry = Entry("a", f"{number:02}", "r", "s", 1)
            await store.put(tx, entry, "tool", both.clock.now(), 10)
        await store.put(tx, Entry("b", "00", "r", "s", 1), "tool", both.clock.now(), 10)
        left = [row["key"] for row in await tx.all(select(step_cache).where(step_cache.c.account_id == "a"))]
    assert len(left) <= 10
    assert {"10", "11"} <= set(left)
    assert "00" not in left


async def test_the_step_that_was_used_lately_stays(both: Floor) -> None:
    async with both.db.write() as tx:
        for number in range(10):
            await store.put(tx, Entry("a", f"{number:02}", "r", "s", 1), "tool", both.clock.now(), 10)
        await store.used(tx, Entry("a", "00", "r", "s", 1), both.clock.now())
        await store.put(tx, Entry("a", "10", "r", "s", 1), "tool", both.clock.now(), 10)
        left = {row["key"] for row in await tx.all(select(step_cache))}
    assert "00" in left
    assert "01" not in left


async def test_a_key_is_there_once_and_points_to_the_newest(both: Floor) -> None:
    async with both.db.write() as tx:
        for run in ("r1", "r2"):
            await store.put(tx, Entry("a", "k", run, "s", 1), "tool", both.clock.now(), 10)
        assert [e.run_id for e in await store.find(tx, "a", ["k", "other"])] == ["r2"]
        assert await store.find(tx, "b", ["k"]) == []
        await tx.execute(delete(step_cache))
        assert not await store.has_any(tx, "a", "tool")
