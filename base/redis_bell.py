"""The bell of several processes: rings and transient messages over one trimmed Redis stream.

Redis may be away, be restarted empty, or lose any of it: this process's own listeners are woken directly, and everybody
else reads the database every second anyway. What is sent is encrypted with a key that the processes share, because
progress and previews are people's content and Redis is read by whoever operates it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from base.bell import Bell, Listener, LocalBell
from base.clock import Clock
from base.crypto import decrypt, encrypt
from base.errors import KeyLost
from base.ids import new_id
from base.redis import derived_key, open_client, persisting

if TYPE_CHECKING:
    import redis.asyncio as aioredis

STREAM = "stationthis:bell"
LENGTH = 4096  # entries kept, about; a reader that is further behind has missed what is outdated anyway
OUTBOX = 2048  # messages that wait for a Redis that is slow; older ones are dropped first
READ_COUNT = 512
BLOCK_MS = 2000
_CONTEXT = "bell"


class RedisBell:
    """Implements `base.bell.Bell`. `start` it in the loop it shall live in, `close` it at the end."""

    def __init__(self, client: aioredis.Redis, master: bytes, clock: Clock) -> None:
        self._client: Any = client  # its types say of every answer that it may be anything
        self._clock = clock
        self._secret = derived_key(master, _CONTEXT)
        self._local = LocalBell()
        self._origin = new_id()
        self._outbox: deque[tuple[str, dict[str, Any] | None]] = deque(maxlen=OUTBOX)
        self._filled = asyncio.Event()
        self._last = "$"
        self._tasks: list[asyncio.Task[None]] = []
        self._answered_at = clock.monotonic()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(persisting(work, self._clock)) for work in (self._send, self._receive)]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ring(self, topic: str) -> None:
        self._local.ring(topic)
        if (topic, None) not in self._outbox:  # a ring says nothing that a second one would add to
            self._put(topic, None)

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        self._local.publish(topic, message)
        self._put(topic, message)

    def listen(self, topic: str) -> AbstractContextManager[Listener]:
        return self._local.listen(topic)

    def silent_s(self) -> float | None:
        """It answers every two seconds, whether there is something or not."""
        return self._clock.monotonic() - self._answered_at

    def _put(self, topic: str, message: dict[str, Any] | None) -> None:
        self._outbox.append((topic, message))
        self._filled.set()

    # --- to and from Redis

    async def _send(self) -> None:
        await self._filled.wait()
        self._filled.clear()
        batch, self._outbox = self._outbox, deque(maxlen=OUTBOX)
        async with self._client.pipeline(transaction=False) as pipeline:
            for topic, message in batch:
                pipeline.xadd(STREAM, {"m": self._packed(topic, message)}, maxlen=LENGTH, approximate=True)
            await pipeline.execute()

    async def _receive(self) -> None:
        if self._last == "$":  # fixed once, so that nothing between two reads is missed
            newest = await self._client.xrevrange(STREAM, count=1)
            self._last = newest[0][0] if newest else "0"
        heard = await self._client.xread({STREAM: self._last}, count=READ_COUNT, block=BLOCK_MS)
        self._answered_at = self._clock.monotonic()
        for _, entries in heard or ():
            for number, fields in entries:
                self._last = number
                self._hear(fields)

    def _packed(self, topic: str, message: dict[str, Any] | None) -> bytes:
        return encrypt(self._secret, json.dumps([self._origin, topic, message]).encode(), _CONTEXT)

    def _hear(self, fields: dict[bytes, bytes]) -> None:
        try:
            origin, topic, message = json.loads(decrypt(self._secret, fields[b"m"], _CONTEXT))
        except (KeyLost, KeyError, ValueError):
            return  # another installation's, or nonsense
        if origin == self._origin:
            return
        if message is None:
            self._local.ring(topic)
        else:
            self._local.publish(topic, message)


@asynccontextmanager
async def open_bell(url: str | None, master: bytes, clock: Clock) -> AsyncIterator[Bell]:
    """The bell that fits: of this process alone where there is no Redis."""
    if url is None:
        yield LocalBell()
        return
    client = open_client(url)
    bell = RedisBell(client, master, clock)
    bell.start()
    try:
        yield bell
    finally:
        await bell.close()
        await client.aclose()
