"""A rolling restart under load: every web and every worker is told to end and started again, a web and a worker at a time,
while people order and converse. Nobody may notice: no failure, not even one with a name.

Each customer orders the next picture when the one before has come, so that there is always something under way and a slow
machine has no more to do than a quick one.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path

from sqlalchemy import text

from base.http import client
from evals.chaos.assembly import START_S, House, open_house
from evals.chaos.audit import Auditor, look_at_pictures
from evals.chaos.customers import ANSWER_S, Crowd, new_customer, orders
from evals.chaos.model import Findings, Ordered, Report, Size
from evals.chaos.programs import Program, until_ready
from evals.chaos.talking import Talk, begin, examined, keep_talking, named_failures

SMALL = Size(jobs=0, workers=2, webs=2, renderers=2, conversations=2, messages=2, lease_s=30.0, bound_s=600.0)
"""As a test has it."""
CUSTOMERS = 3
_MANY = 10_000  # orders: more than anybody gets to
_FORCED = b'"end_forced"'


@dataclass
class _Day:
    """What was asked of the house, and whether all of it was restarted."""

    tokens: list[str]
    talks: list[Talk]
    ordered: list[Ordered] = field(default_factory=list)
    served: int = 0
    rolled: bool = False


async def roll_over(size: Size, folder: Path, say: Callable[[str], None]) -> Report:
    """Until all were restarted and everything that was asked for is over."""
    async with open_house(size, folder) as house:
        await until_ready(house.webs, "/readyz", START_S)
        tokens = [await new_customer(house.doors) for _ in range(CUSTOMERS)]
        day = _Day(tokens, [await begin(house.doors, tokens[n % CUSTOMERS]) for n in range(size.conversations)])
        roller = _Roller(house, say)
        async with asyncio.TaskGroup() as asking:
            _ask(size, house, day, asking)
            await _until_served(day)
            begun = time.monotonic()
            restarted = await roller.roll()
            day.rolled, rolled = True, time.monotonic()
            say(f"all were restarted after {rolled - begun:.1f} s")
        async with asyncio.timeout(size.bound_s):
            while await Auditor(house.db).open_runs():
                await asyncio.sleep(0.2)
        calm = time.monotonic() - rolled
        findings = await _examined(size, house, day)
    findings.add(roller.findings)
    told = {"runs": len(day.ordered), "turns": sum(len(talk.turns) for talk in day.talks), "seconds": rolled - begun,
            "seconds_of_calm": calm, "stream_connections": sum(talk.connects for talk in day.talks)}  # fmt: skip
    return Report(size, findings, Counter({"restart": restarted}), Counter(), {**told, **roller.figures})


def _ask(size: Size, house: House, day: _Day, asking: asyncio.TaskGroup) -> None:
    """Until the restarts are over, and in conversations at least what `size` says."""
    crowd = Crowd(house.doors, day.tokens, size.seed)
    for customer in range(CUSTOMERS):
        asking.create_task(_keep_ordering(crowd, customer, day, size.seed))
    for talk in day.talks:
        asking.create_task(keep_talking(house.doors, talk, _until_rolled(size, day, talk)))


def _until_rolled(size: Size, day: _Day, talk: Talk) -> Callable[[], bool]:
    return lambda: not day.rolled or len(talk.turns) < size.messages


async def _keep_ordering(crowd: Crowd, customer: int, day: _Day, seed: int) -> None:
    async with client(read_s=ANSWER_S) as http:
        for one in orders(_MANY, seed + customer, 1):
            if day.rolled:
                return
            one.customer = customer
            day.ordered.append(one)
            await crowd.insist(http, one)
            await crowd.until_over(http, one)
            day.served += 1


async def _until_served(day: _Day) -> None:
    """Until the house is in full swing."""
    async with asyncio.timeout(START_S):
        while day.served < CUSTOMERS or not all(talk.frames for talk in day.talks):
            await asyncio.sleep(0.1)


class _Roller:
    """Restarts everything, and notes what was wrong about how it ended."""

    def __init__(self, house: House, say: Callable[[str], None]) -> None:
        self._house, self._say = house, say
        self.findings = Findings()
        self.figures = {"longest_end": 0.0, "longest_absence": 0.0, "ends_forced": 0.0}

    async def roll(self) -> int:
        """A web and a worker at a time, the next two when both are back; how many were restarted."""
        named = sorted(self._house.programs.items())
        webs = [program for name, program in named if name.startswith("web")]
        workers = [program for name, program in named if name.startswith("worker")]
        deeds_of_webs = [partial(self._restart_web, *pair) for pair in zip(webs, self._house.webs, strict=True)]
        deeds_of_workers = [partial(self._restart_worker, worker) for worker in workers]
        for deeds in zip_longest(deeds_of_webs, deeds_of_workers):
            await asyncio.gather(*(deed() for deed in deeds if deed is not None))
        return len(webs) + len(workers)

    async def _restart_web(self, web: Program, url: str) -> None:
        ended, _ = await self._end(web)
        await until_ready([url], "/readyz", START_S)
        self._back(web, ended)

    async def _restart_worker(self, worker: Program) -> None:
        """What it had in its hands is free when it is gone, unless there was no time for that."""
        [known] = await self._known(worker)
        ended, forced = await self._end(worker)
        left = await self._rows("SELECT id FROM jobs WHERE lease_owner = :id", id=known)
        if left and not forced:
            self.findings.orphaned.append(f"{worker.name} left {len(left)} jobs under its lease")
        async with asyncio.timeout(START_S):
            while not await self._known(worker):
                await asyncio.sleep(0.2)
        self._back(worker, ended)

    async def _end(self, program: Program) -> tuple[float, bool]:
        """When it had ended, and whether it had to be forced."""
        begun, heard = time.monotonic(), program.log.stat().st_size
        if (code := await program.restart()) != 0:
            self.findings.lost.append(f"{program.name} ended with {code}")
        ended, forced = time.monotonic(), _FORCED in program.log.read_bytes()[heard:]
        self.figures["longest_end"] = max(self.figures["longest_end"], ended - begun)
        self.figures["ends_forced"] += forced
        self._say(f"{program.name} ended in {ended - begun:.1f} s{', forced' if forced else ''}")
        return ended, forced

    def _back(self, program: Program, ended: float) -> None:
        absence = time.monotonic() - ended
        self.figures["longest_absence"] = max(self.figures["longest_absence"], absence)
        self._say(f"{program.name} was back after {absence:.1f} s")

    async def _known(self, worker: Program) -> list[str]:
        """Its id on the roster, once it is there."""
        return await self._rows("SELECT id FROM workers WHERE pid = :pid", pid=worker.pid or 0)

    async def _rows(self, statement: str, **values: object) -> list[str]:
        async with self._house.db.read() as tx:
            return [str(row["id"]) for row in await tx.all(text(statement).bindparams(**values))]


async def _examined(size: Size, house: House, day: _Day) -> Findings:
    """What rows, pictures and people say when all is over; a failure counts as a loss here."""
    findings, failures = await Auditor(house.db).books(day.ordered)
    findings.add(await look_at_pictures(house.webs[0], day.tokens, day.ordered))
    for talk in day.talks:
        findings.add(examined(talk, size.messages))
        failures.update(named_failures(talk))
    findings.lost += [f"{number} failed with {code}" for code, number in failures.items()]
    return findings
