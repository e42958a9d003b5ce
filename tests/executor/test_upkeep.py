"""What comes round again in the executor, carried out on real parts."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import func, insert, select

from base.periodic import Periodic
from executor import roster
from executor.assembly import Executor
from executor.errors import RulesMissing
from executor.model import Tag
from executor.tables import workers
from executor.upkeep import see_rules, upkeep
from executor.waiting import store as measured
from executor.waiting.durations import KEPT, Kind
from executor.waiting.measures import Measures
from tests.executor.conftest import Floor


async def run(executor: Executor, name: str) -> None:
    task: Periodic = next(task for task in executor.upkeep if task.name == name)
    await task.work()


async def test_bytes_that_nobody_needs_go(floor: Floor) -> None:
    async with floor.open(work=False) as executor:
        stranger = floor.data / "assets" / "ab" / "cd" / "abcd-stranger"
        stranger.parent.mkdir(parents=True)
        stranger.write_bytes(b"x")
        os.utime(stranger, (0, 0))
        await run(executor, "assets_sweep")
    assert not stranger.exists()


async def test_workers_that_were_killed_are_forgotten_after_a_while(both: Floor) -> None:
    now = both.clock.now()
    async with both.db.write() as tx:
        dead = {"host": "h", "pid": 1, "tags": "default", "wanted": "active", "started_at": now}
        await tx.execute(insert(workers).values(id="old", seen_at=now - 2 * roster.FORGOTTEN_AFTER, **dead))
        await roster.beat(tx, "living", [Tag.DEFAULT], now)
    async with both.open(work=False) as executor:
        await run(executor, "workers_forgotten")
    async with both.db.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(workers)) == 1


async def test_of_a_long_lease_nobody_is_forgotten_between_two_beats(both: Floor) -> None:
    now = both.clock.now()
    async with both.db.write() as tx:
        await roster.beat(tx, "one", [Tag.DEFAULT], now - 2 * roster.FORGOTTEN_AFTER)
        assert await roster.forget_dead(tx, now, lease_s=90) == 0  # nobody lives, which shall be seen
        await roster.beat(tx, "other", [Tag.DEFAULT], now)
        assert await roster.forget_dead(tx, now, lease_s=3600) == 0
        assert await roster.forget_dead(tx, now, lease_s=90) == 1


async def test_what_was_measured_often_weighs_half(both: Floor) -> None:
    often, rarely = Kind("text_to_image", 4, "a card"), Kind("upscale", 4, "a card")
    async with both.open(work=False) as executor:
        async with both.db.write() as tx:
            for n in range(int(KEPT) + 1):
                await measured.count(tx, often, n % 2)
            await measured.count(tx, rarely, 0)
        await run(executor, "durations_aged")
        await run(executor, "durations_aged")  # is not much any more
    async with both.db.read() as tx:
        weights = {(row["tool"], row["bucket"]): row["weight"] for row in await measured.measured(tx)}
    assert weights == {("text_to_image", 0): (KEPT + 2) / 4, ("text_to_image", 1): KEPT / 4, ("upscale", 0): 1.0}


async def test_a_bucket_without_rules_is_a_failure_that_says_what_to_do(floor: Floor) -> None:
    """A folder keeps none, and is not asked; here it stands for a bucket that has lost them."""
    async with floor.open(work=False) as executor:
        assert "bucket_rules" not in [task.name for task in executor.upkeep]
        vault = executor.assets.vault
        tasks = upkeep(floor.db, vault, Measures(floor.clock), floor.clock, bucket=True, lease_s=90)
        assert "bucket_rules" in [task.name for task in tasks]
        with pytest.raises(RulesMissing) as caught:
            await see_rules(vault.objects)
    assert caught.value.facts["missing"]
