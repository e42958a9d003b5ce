"""One way to reach Redis, and the keys by which what passes through it is sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from base.clock import Clock
from base.log import get_logger

if TYPE_CHECKING:
    import redis.asyncio as aioredis

log = get_logger(__name__)

PAUSE_S = (0.2, 5.0)
"""First and longest pause between attempts to reach a Redis that is away."""

CONNECT_S = 3.0
ANSWER_S = 10.0  # longer than any blocking read


def open_client(url: str) -> aioredis.Redis:
    """A client that connects when it is first used. Close it with `aclose`."""
    import redis.asyncio as aioredis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return aioredis.Redis.from_url(
        url, socket_connect_timeout=CONNECT_S, socket_timeout=ANSWER_S, health_check_interval=15,
        retry=Retry(NoBackoff(), 1),
    )  # fmt: skip


def derived_key(master: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, the same in every process that has the master key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"stationthis:{purpose}".encode()).derive(master)


async def persisting(work: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Do it again and again until cancelled, with pauses while Redis is away; that is logged once, not at every try."""
    from redis.exceptions import RedisError

    pause, longest = PAUSE_S
    away = False
    task = asyncio.current_task()
    while task is None or not task.cancelling():  # the client may take a cancellation for its own timeout
        try:
            await work()
        except (RedisError, OSError):
            if not away:
                log.warning("redis_away")
            away = True
            await clock.sleep(pause)
            pause = min(pause * 2, longest)
        else:
            if away:
                log.info("redis_back")
            away, pause = False, PAUSE_S[0]
