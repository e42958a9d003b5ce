"""One contract for both bells of the queue; and a Redis that forgets, dies or repeats itself changes nothing but time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

from base.bell import LocalBell
from base.clock import SystemClock
from base.redis import open_client
from evals.servers import RedisServer, redis_server
from executor.model import Tag
from executor.ringing import GROUP, STREAM, Hearing, JobBell, RedisJobBell, open_job_bell
from tests.patience import PATIENCE_S

LONG = 30.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as server:
        yield server


@pytest.fixture(params=["local", "redis"])
async def bell(request: pytest.FixtureRequest) -> AsyncIterator[JobBell]:
    url = None if request.param == "local" else request.getfixturevalue("redis").url
    async with open_job_bell(url, LocalBell(), SystemClock()) as opened:
        yield opened


async def _rings(hearing: Hearing) -> None:
    """Fails when nothing rings."""
    async with asyncio.timeout(PATIENCE_S):
        await hearing.wait(LONG)
    await hearing.looked()


async def _quiet(hearing: Hearing) -> None:
    """Answer whatever rang so far."""
    for _ in range(3):
        await hearing.wait(0.2)
        await hearing.looked()


async def test_a_job_that_waits_wakes_a_worker_of_its_tag(bell: JobBell) -> None:
    async with bell.hear("w1", [Tag.DEFAULT]) as hearing:
        await _quiet(hearing)
        bell.announce(Tag.DEFAULT)
        await _rings(hearing)


async def test_who_listens_no_longer_is_forgotten_and_who_does_is_not_disturbed(redis: RedisServer) -> None:
    """A group keeps every worker that was ever given a ring."""
    client: Any = open_client(redis.url)

    async def names() -> set[str]:
        return {one["name"].decode() for one in await client.xinfo_consumers(STREAM + Tag.DEFAULT, GROUP)}

    async with open_job_bell(redis.url, LocalBell(), SystemClock()) as bell:
        assert isinstance(bell, RedisJobBell)
        await bell.forget_gone()  # nobody ever listened
        async with bell.hear("gone", [Tag.DEFAULT]) as hearing:
            await _quiet(hearing)
            bell.announce(Tag.DEFAULT)
            await _rings(hearing)
        async with bell.hear("living", [Tag.DEFAULT]) as hearing:
            await _quiet(hearing)
            bell.announce(Tag.DEFAULT)
            await _rings(hearing)
            await bell.forget_gone()
            assert await names() == {"gone", "living"}
            await asyncio.sleep(0.05)
            await bell.forget_gone(40)
            assert "gone" not in await names()
            bell.announce(Tag.DEFAULT)  # who only had nothing to do is there again
            await _rings(hearing)
            assert await names() == {"living"}
    await client.aclose()


async def test_what_was_announced_before_anybody_listened_is_looked_for(redis: RedisServer) -> None:
    async with open_job_bell(redis.url, LocalBell(), SystemClock()) as bell:
        bell.announce(Tag.VIDEO)
        async with bell.hear("w1", [Tag.VIDEO]) as hearing:
            await _rings(hearing)


async def test_a_cancellation_wakes_everybody(bell: JobBell) -> None:
    async with bell.hear("w1", [Tag.VIDEO]) as one, bell.hear("w2", [Tag.DEFAULT]) as two:
        await _quiet(one)
        await _quiet(two)
        bell.stir()
        await _rings(one)
        await _rings(two)


async def _pending(client: Any) -> int:
    try:
        return int((await client.xpending(STREAM + Tag.DEFAULT, GROUP))["pending"])
    except ResponseError:  # nobody has joined yet
        return 0


async def _heard(client: Any, hearing: Hearing) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await _pending(client):
            await hearing.wait(0.05)


async def test_a_ring_is_acknowledged_once_the_queue_was_looked_at(redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        bell = await stack.enter_async_context(open_job_bell(redis.url, LocalBell(), SystemClock()))
        client: Any = open_client(redis.url)
        stack.push_async_callback(client.aclose)
        hearing = await stack.enter_async_context(bell.hear("w1", [Tag.DEFAULT]))
        await _quiet(hearing)
        bell.announce(Tag.DEFAULT)
        await _heard(client, hearing)
        async with asyncio.timeout(PATIENCE_S):
            while await _pending(client):
                await hearing.wait(0.2)
                await hearing.looked()
        assert await client.xlen(STREAM + Tag.DEFAULT) == 0


async def test_what_a_dead_worker_heard_rings_again_for_another(redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        bell = await stack.enter_async_context(open_job_bell(redis.url, LocalBell(), SystemClock(), 50))
        client: Any = open_client(redis.url)
        stack.push_async_callback(client.aclose)
        async with bell.hear("dead", [Tag.DEFAULT]) as hearing:
            await _quiet(hearing)
            bell.announce(Tag.DEFAULT)
            await _heard(client, hearing)
        async with bell.hear("alive", [Tag.DEFAULT]) as other:
            async with asyncio.timeout(PATIENCE_S):
                while await _pending(client):
                    await other.wait(0.1)
                    await other.looked()


async def test_a_redis_that_comes_back_empty_rings_again(redis: RedisServer) -> None:
    async with open_job_bell(redis.url, LocalBell(), SystemClock()) as bell, bell.hear("w1", [Tag.DEFAULT]) as hearing:
        await _quiet(hearing)
        redis.kill()
        bell.announce(Tag.DEFAULT)
        redis.start()
        await _rings(hearing)
        await _quiet(hearing)
        bell.announce(Tag.DEFAULT)
        await _rings(hearing)
