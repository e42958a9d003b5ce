"""The monkey: does to the house what the schedule says, and counts it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from evals.chaos.programs import Program
from evals.chaos.proxy import Proxy
from evals.chaos.schedule import Act, Deed
from evals.servers import RedisServer


class Monkey:
    """`programs` and `links` by name; a link may lead to a program of the same name."""

    def __init__(self, programs: Mapping[str, Program], links: Mapping[str, Proxy], redis: RedisServer) -> None:
        self._programs, self._links, self._redis = programs, links, redis
        self._at_once = max(2, len(programs) // 2)
        """Troubles at a time: with more, nobody would do anything that could be lost."""
        self._under_way: set[asyncio.Task[None]] = set()
        self._redis_down = False
        self._raging = True
        self._put_off: set[tuple[str, str]] = set()
        """Program and deed that wait until the program is there: whoever starts is let start."""
        self.done: Counter[str] = Counter()
        """Deed and kind of target -> how often."""

    async def rage(self, acts: Iterator[Act], enough: Callable[[int], bool]) -> None:
        """Until it is enough, told how many different things were done; then everything that is still broken mends."""
        for act in acts:
            await asyncio.sleep(act.wait_s)
            while len(self._under_way) >= self._at_once and not enough(len(self.done)):
                await asyncio.wait(self._under_way, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            if enough(len(self.done)):
                break
            self._begin(act)
        self._raging = False
        await asyncio.gather(*self._under_way)

    def _begin(self, act: Act) -> None:
        task = asyncio.create_task(self._do(act))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _do(self, act: Act) -> None:
        if act.deed in (Deed.KILL, Deed.FREEZE) and act.target in self._programs:
            await self._hit(self._programs[act.target], act)
        elif act.deed in (Deed.KILL, Deed.FLUSH):
            await self._forget(act)
        else:
            self._count(act)
            await self._strain(self._links[act.target], act)

    def _count(self, act: Act) -> None:
        self.done[f"{act.deed} {act.target.partition('-')[0]}"] += 1

    async def _hit(self, program: Program, act: Act) -> None:
        """As soon as it is there; it is in trouble until it is there again, however long this machine takes for that."""
        if (program.name, act.deed) in self._put_off:
            return
        self._put_off.add((program.name, act.deed))
        await self._until_there(program)
        self._put_off.discard((program.name, act.deed))
        if not self._raging:
            return
        self._count(act)
        if act.deed is Deed.FREEZE:
            await program.freeze(act.for_s)
        else:
            program.kill(act.for_s)
        await self._until_there(program)

    async def _until_there(self, program: Program) -> None:
        while self._raging and not await program.ready():
            await asyncio.sleep(0.2)

    async def _forget(self, act: Act) -> None:
        """Redis ends and comes back empty, or is emptied while it lives."""
        if self._redis_down:
            return
        self._count(act)
        self._redis_down = True
        if act.deed is Deed.KILL:
            await asyncio.to_thread(self._redis.kill)
            await asyncio.sleep(act.for_s)
            await asyncio.to_thread(self._redis.start)
        else:
            await asyncio.to_thread(_flush, self._redis.url)
        self._redis_down = False

    async def _strain(self, link: Proxy, act: Act) -> None:
        if act.deed is Deed.CUT:
            link.cut()
        elif act.deed is Deed.HALVE:
            link.halve()
        elif act.deed is Deed.SILENCE:
            await link.silence(act.for_s)
        else:
            await link.slow(act.for_s)


def _flush(url: str) -> None:
    import redis

    with redis.Redis.from_url(url) as client:
        client.flushall()
