"""A rolling restart under load: every web and every worker is told to end and started again, one after the other, while
people order and converse. Nobody may notice: no failure, not even one with a name."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from evals.chaos.assembly import House, open_house
from evals.chaos.audit import Auditor, look_at_pictures
from evals.chaos.customers import Crowd, new_customer, orders
from evals.chaos.model import Findings, Ordered, Report, Size
from evals.chaos.programs import Program, until_ready
from evals.chaos.talking import Talk, begin, examined, keep_talking, named_failures

SMALL = Size(jobs=0, workers=2, webs=2, renderers=2, conversations=2, messages=6, lease_s=30.0)
"""As a test has it: leases are longer than anything here takes, so that only handing over can be quick enough."""
CUSTOMERS = 3
_EVERY_S = 0.4  # between two orders
_START_S = 240.0


async def roll_over(size: Size, folder: Path, say: Callable[[str], None]) -> Report:
    """Until all were restarted and everything that was asked for is over."""
    async with open_house(size, folder) as house:
        tokens = [await new_customer(house.doors) for _ in range(CUSTOMERS)]
        talks = [await begin(house.doors, tokens[n % CUSTOMERS]) for n in range(size.conversations)]
        ordered: list[Ordered] = []
        ordering = asyncio.create_task(_keep_ordering(Crowd(house.doors, tokens, size.seed), ordered, size.seed))
        talking = [asyncio.create_task(keep_talking(house.doors, talk, size.messages)) for talk in talks]
        begun = time.monotonic()
        codes = await _roll(house, say)
        ordering.cancel()
        await asyncio.gather(ordering, return_exceptions=True)
        ordered = [one for one in ordered if one.run_id is not None or one.tries]
        rolled = time.monotonic()
        findings = await _settled(size, house, ordered, tokens, talks, talking)
    findings.lost += [f"{name} ended with {code}" for name, code in codes.items() if code != 0]
    figures = {"runs": float(len(ordered)), "seconds": rolled - begun, "seconds_of_calm": time.monotonic() - rolled,
               "stream_connections": float(sum(talk.connects for talk in talks))}  # fmt: skip
    return Report(size, findings, Counter({"restart": len(codes)}), Counter(), figures)


async def _roll(house: House, say: Callable[[str], None]) -> dict[str, int]:
    """Name -> exit code of each that was restarted; the next goes when the one before is back."""
    webs = [program for name, program in sorted(house.programs.items()) if name.startswith("web")]
    workers = [program for name, program in sorted(house.programs.items()) if name.startswith("worker")]
    codes: dict[str, int] = {}
    for url, web, worker in zip(house.webs, webs, workers, strict=True):
        for program, back in ((worker, _worker_back(house, worker)), (web, until_ready([url], "/readyz", _START_S))):
            begun = time.monotonic()
            codes[program.name] = await program.restart()
            ended = time.monotonic()
            await back
            say(f"{program.name} ended in {ended - begun:.1f} s and was back after {time.monotonic() - ended:.1f} s")
    return codes


async def _worker_back(house: House, worker: Program) -> None:
    """Until the process that came after it is on the roster."""
    async with asyncio.timeout(_START_S):
        while True:
            async with house.db.read() as tx:
                if worker.pid in [row["pid"] for row in await tx.all(text("SELECT pid FROM workers"))]:
                    return
            await asyncio.sleep(0.2)


async def _keep_ordering(crowd: Crowd, ordered: list[Ordered], seed: int) -> None:
    chance = random.Random(seed)
    under_way: set[asyncio.Task[None]] = set()
    try:
        while True:
            [one, *_] = orders(1, chance.randrange(2**32), CUSTOMERS)
            ordered.append(one)
            task = asyncio.create_task(crowd.order([one]))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(_EVERY_S)
    finally:
        await asyncio.gather(*under_way)


async def _settled(
    size: Size, house: House, ordered: list[Ordered], tokens: list[str], talks: list[Talk], talking: list[asyncio.Task[None]]
) -> Findings:
    """What rows, pictures and people say when all is over; a failure counts as a loss here."""
    auditor = Auditor(house.db)
    async with asyncio.timeout(size.bound_s):
        await asyncio.gather(*talking)
        while await auditor.open_runs():
            await asyncio.sleep(0.2)
    findings, failures = await auditor.books(ordered)
    findings.add(await look_at_pictures(house.webs[0], tokens, ordered))
    for talk in talks:
        findings.add(examined(talk, size.messages))
        failures.update(named_failures(talk))
    findings.lost += [f"{number} failed with {code}" for code, number in failures.items()]
    return findings
