"""One contract for every bell: the local one, and that of several processes over a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from base.bell import Bell, LocalBell
from base.clock import SystemClock
from base.crypto import new_secret
from base.redis import open_client
from base.redis_bell import STREAM, open_bell
from evals.servers import RedisServer, redis_server
from tests.patience import PATIENCE_S

MASTER = new_secret()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as server:
        yield server


async def _bell(stack: AsyncExitStack, url: str, master: bytes = MASTER) -> Bell:
    return await stack.enter_async_context(open_bell(url, master, SystemClock()))


@pytest.fixture(params=["local", "redis"])
async def bells(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bell, Bell]]:
    """A bell to ring and one to listen at: the same in one process, two processes' with Redis."""
    async with AsyncExitStack() as stack:
        if request.param == "local":
            bell = LocalBell()
            yield bell, bell
            return
        url = request.getfixturevalue("redis").url
        pair = await _bell(stack, url), await _bell(stack, url)
        await _until_heard(*pair)
        yield pair


async def _until_heard(ringing: Bell, listening: Bell) -> None:
    """Both are connected once a ring of one is heard by the other."""
    with listening.listen("hello") as listener:
        async with asyncio.timeout(PATIENCE_S):
            ringing.publish("hello", {})
            while not await listener.wait(0.1):
                ringing.publish("hello", {})


async def test_a_message_reaches_who_listens_to_its_topic(bells: tuple[Bell, Bell]) -> None:
    ringing, listening = bells
    with listening.listen("run:1") as listener, listening.listen("run:2") as other:
        ringing.publish("run:1", {"fraction": 0.5})
        assert await listener.wait(PATIENCE_S) == [{"fraction": 0.5}]
        assert await other.wait(0.05) == []


async def test_a_ring_wakes_without_a_word(bells: tuple[Bell, Bell]) -> None:
    ringing, listening = bells
    with listening.listen("jobs") as listener:
        woken = asyncio.create_task(listener.wait(2 * PATIENCE_S))
        ringing.ring("jobs")
        async with asyncio.timeout(PATIENCE_S):
            assert await woken == []


async def test_messages_of_one_process_come_in_order(bells: tuple[Bell, Bell]) -> None:
    ringing, listening = bells
    with listening.listen("run:1") as listener:
        for number in range(30):
            ringing.publish("run:1", {"n": number})
        heard: list[int] = []
        while len(heard) < 30:
            more = await listener.wait(PATIENCE_S)
            assert more
            heard += [message["n"] for message in more]
    assert heard == list(range(30))


async def test_a_redis_that_dies_and_comes_back_empty_is_used_again(redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        one, two = await _bell(stack, redis.url), await _bell(stack, redis.url)
        await _until_heard(one, two)
        redis.kill()
        with one.listen("jobs") as own:
            one.ring("jobs")
            assert await own.wait(PATIENCE_S) == []  # one's own listeners need no Redis
        async with asyncio.timeout(PATIENCE_S):
            while (one.silent_s() or 0.0) < 3.0:  # it would have answered every two seconds
                await asyncio.sleep(0.05)
        redis.start()
        await _until_heard(one, two)
        await _until_heard(two, one)
        assert (one.silent_s() or 0.0) < 3.0


async def test_redis_holds_nobodys_words(redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        one, two = await _bell(stack, redis.url), await _bell(stack, redis.url)
        await _until_heard(one, two)
        with two.listen("run:1") as listener:
            one.publish("run:1", {"message": "a canary in a cage"})
            assert await listener.wait(PATIENCE_S)
        client: Any = open_client(redis.url)
        stack.push_async_callback(client.aclose)
        kept = b"".join(fields[b"m"] for _, fields in await client.xrange(STREAM))
        assert b"canary" not in kept
        assert b"run:1" not in kept


async def test_another_installations_bell_is_not_heard(redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        ours, theirs = await _bell(stack, redis.url), await _bell(stack, redis.url, new_secret())
        with ours.listen("jobs") as listener:
            woken = asyncio.create_task(listener.wait(0.5))
            theirs.publish("jobs", {"secret": 1})
            assert await woken == []
