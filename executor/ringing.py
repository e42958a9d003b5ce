"""The bell of the queue: it says that a job may be waiting, never which.

The job row is the truth. A ring holds only a tag, it may be lost, come twice or come late, and a worker that hears one
looks into the database like a worker that only woke because a second had passed. With Redis a ring goes to one worker of
those that serve its tag (a consumer group per tag), and is acknowledged as soon as that worker has looked; what a worker
heard and died over rings again for another. Nothing is wrong if Redis loses everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from base.bell import Bell, Listener
from base.clock import Clock
from base.redis import open_client, persisting
from executor.model import Tag

if TYPE_CHECKING:
    import redis.asyncio as aioredis

TOPIC = "jobs"
STREAM = "stationthis:jobs:"
GROUP = "workers"
LENGTH = 10_000  # rings kept for workers that are busy; a longer line needs no more of them
READ_COUNT = 64
BLOCK_MS = 1000
GONE_AFTER_MS = 86_400_000  # who was given no ring for so long is gone, or nothing is lost with its name
AGAIN_AFTER_MS = 30_000  # a ring that was heard so long ago without a look is rung again


class Hearing(Protocol):
    """A worker's ear."""

    async def wait(self, timeout: float) -> None:
        """Return on a ring, or after `timeout` seconds."""
        ...

    async def looked(self) -> None:
        """What rang until the last `wait` has been answered by a look into the queue."""
        ...


class JobBell(Protocol):
    """Announces waiting jobs to whoever serves their tag."""

    def announce(self, tag: Tag) -> None:
        """A job with this tag waits. Never fails and never waits."""
        ...

    def stir(self) -> None:
        """Something else changed that workers look at: a cancellation, an instance."""
        ...

    async def forget_gone(self) -> None:
        """Forget workers that were given no ring for a day."""
        ...

    def hear(self, worker: str, tags: Sequence[Tag]) -> Any:
        """An asynchronous context that gives the Hearing of a worker."""
        ...


class LocalJobBell:
    """Rings within whatever the base's bell reaches: this process, or all of them."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    def announce(self, tag: Tag) -> None:
        self._bell.ring(TOPIC)

    def stir(self) -> None:
        self._bell.ring(TOPIC)

    async def forget_gone(self) -> None:
        """Nobody was noted."""

    @asynccontextmanager
    async def hear(self, worker: str, tags: Sequence[Tag]) -> AsyncIterator[Hearing]:
        with self._bell.listen(TOPIC) as listener:
            yield _LocalHearing(listener)


class _LocalHearing:
    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def wait(self, timeout: float) -> None:
        await self._listener.wait(timeout)

    async def looked(self) -> None:
        """Nothing was kept."""


class RedisJobBell:
    """A Redis stream and a consumer group per tag. `start` it in the loop it shall live in, `close` it at the end."""

    def __init__(self, client: aioredis.Redis, bell: Bell, clock: Clock, again_after_ms: int) -> None:
        self._client: Any = client
        self._bell, self._clock, self._again_after_ms = bell, clock, again_after_ms
        self._waiting: set[Tag] = set()
        self._filled = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._sending = asyncio.create_task(persisting(self._send, self._clock))

    async def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    def announce(self, tag: Tag) -> None:
        self._waiting.add(tag)
        self._filled.set()

    def stir(self) -> None:
        self._bell.ring(TOPIC)

    async def forget_gone(self, silent_ms: int = GONE_AFTER_MS) -> None:
        """A group keeps every worker that was ever given a ring. One that only had nothing to do is there again with the next;
        what one has heard and not answered stays, for others to take up first."""
        from redis.exceptions import ResponseError

        for tag in Tag:
            with suppress(ResponseError):  # nobody ever listened there
                for one in await self._client.xinfo_consumers(STREAM + tag, GROUP):
                    if one["idle"] > silent_ms and one["pending"] == 0:
                        await self._client.xgroup_delconsumer(STREAM + tag, GROUP, one["name"])

    @asynccontextmanager
    async def hear(self, worker: str, tags: Sequence[Tag]) -> AsyncIterator[Hearing]:
        with self._bell.listen(TOPIC) as listener:
            hearing = RedisHearing(self._client, listener, worker, tags, self._again_after_ms)
            reading = asyncio.create_task(persisting(hearing.read, self._clock))
            try:
                yield hearing
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _send(self) -> None:
        await self._filled.wait()
        self._filled.clear()
        tags, self._waiting = self._waiting, set()
        for tag in sorted(tags):
            await self._client.xadd(STREAM + tag, {"tag": tag}, maxlen=LENGTH, approximate=True)


class RedisHearing:
    """Reads this worker's share of the rings; `wait` also returns on whatever stirs the base's bell."""

    def __init__(
        self, client: Any, listener: Listener, worker: str, tags: Sequence[Tag], again_after_ms: int
    ) -> None:
        self._client, self._listener, self._worker, self._again_after_ms = client, listener, worker, again_after_ms
        self._streams = [STREAM + tag for tag in tags]
        self._heard: list[tuple[str, bytes]] = []
        self._answered: list[tuple[str, bytes]] = []
        self._rung = asyncio.Event()
        self._ready = False

    async def wait(self, timeout: float) -> None:
        with _tasks(self._listener.wait(timeout), self._rung.wait()) as tasks:
            await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        self._rung.clear()
        self._answered, self._heard = [*self._answered, *self._heard], []

    async def looked(self) -> None:
        from redis.exceptions import RedisError

        done, self._answered = self._answered, []
        try:
            for stream, number in done:
                await self._client.xack(stream, GROUP, number)
                await self._client.xdel(stream, number)
        except (RedisError, OSError):
            return  # it rings once more, which is nothing

    async def read(self) -> None:
        """One share of rings: what others heard and died over first."""
        from redis.exceptions import ResponseError

        try:
            if not self._ready:
                await self._join()
            for stream in self._streams:
                claimed = await self._client.xautoclaim(stream, GROUP, self._worker, self._again_after_ms, count=READ_COUNT)
                self._note(stream, claimed[1])
            fresh = await self._client.xreadgroup(
                GROUP, self._worker, dict.fromkeys(self._streams, ">"), count=READ_COUNT, block=BLOCK_MS
            )
        except ResponseError:  # Redis has forgotten the group
            self._ready = False
            raise
        for stream, entries in fresh or ():
            self._note(stream.decode(), entries)

    def _note(self, stream: str, entries: Sequence[tuple[bytes, Any]]) -> None:
        self._heard += [(stream, number) for number, _ in entries]
        if entries:
            self._rung.set()

    async def _join(self) -> None:
        from redis.exceptions import ResponseError

        for stream in self._streams:
            try:
                await self._client.xgroup_create(stream, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
        self._ready = True
        self._rung.set()  # what was announced before may be lost: look


@asynccontextmanager
async def open_job_bell(
    url: str | None, bell: Bell, clock: Clock, again_after_ms: int = AGAIN_AFTER_MS
) -> AsyncIterator[JobBell]:
    """The one that fits: over Redis where there is one."""
    if url is None:
        yield LocalJobBell(bell)
        return
    client = open_client(url)
    ringing = RedisJobBell(client, bell, clock, again_after_ms)
    ringing.start()
    try:
        yield ringing
    finally:
        await ringing.close()
        await client.aclose()


@contextmanager
def _tasks(*coroutines: Any) -> Iterator[list[asyncio.Task[Any]]]:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
