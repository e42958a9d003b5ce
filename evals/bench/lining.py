"""A round of dispatch with ten thousand jobs waiting, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from base import schema
from evals.bench.assembly import open_line
from evals.bench.figures import Figure, median
from evals.servers import postgres_server
from executor.model import Lane
from tools.model import MediaKind, Step

WAITING, PEOPLE, ROUNDS, SERVERS = 10_000, 100, 12, 4
REACH_MS = 100
STEP = Step(
    id="s1", tool="text_to_image", title="Create", params={"prompt": "a lighthouse", "steps": 2, "seed": 1},
    outputs={"image": MediaKind.IMAGE},
)  # fmt: skip


async def figures(folder: Path) -> list[Figure]:
    """The median round of each database; STATIONTHIS_BENCH_PLAN=1 prints how it finds the jobs."""
    found = await _on("SQLite", f"sqlite+aiosqlite:///{folder / 'line.db'}", folder)
    with postgres_server(folder / "pg") as url:
        return [*found, *await _on("PostgreSQL", url, folder)]


async def _on(name: str, url: str, folder: Path) -> list[Figure]:
    await schema.upgrade(url)
    async with open_line(url, folder / name, SERVERS) as (crowd, executor):
        for lane in Lane:
            people = [f"{lane.name}-{n}" for n in range(PEOPLE)]
            await crowd.come(WAITING // len(Lane), STEP, people=people, lane=lane)
        await crowd.analyse()
        seen = [await _timed(crowd.seen()) for _ in range(ROUNDS)]
        rounds = []
        for _ in range(ROUNDS):
            rounds.append(await _timed(crowd.round(executor)))
            await crowd.leave()
        if os.environ.get("STATIONTHIS_BENCH_PLAN"):
            sys.stdout.write("\n  ".join([name, *await crowd.plan(), ""]))
    return [
        median(f"finding the first 200 of {WAITING} waiting, {name}", seen, "ms"),
        median(f"a round of dispatch, {name}", rounds[1:], "ms", REACH_MS),
        Figure(f"the first round of a process, {name}", rounds[0], "ms"),
    ]


async def _timed(what: object) -> float:
    begun = time.perf_counter()
    await what  # type: ignore[misc]
    return 1000 * (time.perf_counter() - begun)
