"""The durable queue alone: jobs that do nothing, ours and saq's, on the same Redis.

What differs: saq's job is an entry in Redis, which forgets it with the Redis; ours is a row, claimed, marked and completed in
transactions, with a run, its events and its place in the line, and Redis only rings.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from base import schema
from base.ids import new_id
from evals.bench.assembly import open_queue
from evals.bench.figures import Figure
from evals.bench.spending import spending
from evals.servers import postgres_server, redis_server
from tools.model import MediaKind, Plan, Step

JOBS, SERVERS = 400, 8
AT_ONCE = 2 * SERVERS
"""Jobs in hand at a time: two for each server of ours, as many for saq."""


async def figures(folder: Path) -> list[Figure]:
    """Jobs a second, from the first taken to the last done; and how fast they are accepted."""
    found = await _ours("SQLite", folder / "sqlite", None, None)
    with postgres_server(folder / "pg") as database, redis_server(folder / "redis") as redis:
        await schema.upgrade(database)
        found += await _ours("PostgreSQL and Redis", folder / "shared", database, redis.url)
        found.append(await _saq(redis.url))
    return found


async def _ours(name: str, data: Path, database: str | None, redis: str | None) -> list[Figure]:
    async with open_queue(data, SERVERS, database=database, redis=redis) as queue:
        with spending() as accepting:
            await queue.accept([_plan(seed) for seed in range(JOBS)])
        with spending() as working:
            await queue.work()
    return [
        Figure(f"orders accepted, {name}", JOBS / accepting.clock_s, "runs/s", note=accepting.note(JOBS)),
        Figure(f"no-op jobs, {name}", JOBS / working.clock_s, "jobs/s", note=f"{AT_ONCE} at once, {working.note(JOBS)}"),
    ]


async def _saq(url: str) -> Figure:
    from saq import Queue, Worker

    queue, done, over = Queue.from_url(url), 0, asyncio.Event()

    async def nothing(_context: Any, *, seed: int) -> int:
        nonlocal done
        done += 1
        if done == JOBS:
            over.set()
        return seed

    await queue.connect()
    for seed in range(JOBS):
        await queue.enqueue("nothing", seed=seed)
    worker, ours = Worker(queue, [("nothing", nothing)], concurrency=AT_ONCE), asyncio.all_tasks()
    begun, cpu = time.monotonic(), time.process_time()
    working = asyncio.create_task(worker.start())
    await over.wait()
    took, spent = time.monotonic() - begun, time.process_time() - cpu
    await worker.stop()
    left = {working, *asyncio.all_tasks()} - ours  # a worker leaves its waits behind
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await queue.disconnect()
    each = f"in memory only; {AT_ONCE} at once, each {1000 * spent / JOBS:.3g} ms of processor"
    return Figure("no-op jobs, saq on the same Redis", JOBS / took, "jobs/s", note=each)


def _plan(seed: int) -> Plan:
    params = {"prompt": "a lighthouse", "steps": 1, "seed": seed}
    step = Step(id="s1", tool="text_to_image", title="", params=params, outputs={"image": MediaKind.IMAGE})
    return Plan(id=new_id(), summary="", steps=(step,))
