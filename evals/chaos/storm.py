"""The whole story: a house opens, people order and converse, the monkey rages, calm returns, the auditor looks."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.chaos import traces
from evals.chaos.assembly import House, open_house, sweep
from evals.chaos.audit import Auditor, look_at_pictures
from evals.chaos.customers import Crowd, new_customer, orders
from evals.chaos.model import Findings, Ordered, Report, Size
from evals.chaos.monkey import Monkey
from evals.chaos.programs import until_ready
from evals.chaos.schedule import acts, once_each
from evals.chaos.talking import Talk, begin, examined, keep_talking, named_failures

CUSTOMERS = 8
_LOOK_S = 2.0
NEARLY = 0.9
"""Of all runs: when so many are over and everything has happened once, the monkey has had its fun."""


@dataclass
class Day:
    """What was asked of the house."""

    ordered: list[Ordered]
    tokens: list[str]
    talks: list[Talk]


async def weather(size: Size, folder: Path, say: Callable[[str], None]) -> Report:
    """From the opening to the report; now and then `say` where we are."""
    say("opening the house")
    async with open_house(size, folder) as house:
        day = await _morning(size, house)
        begun = time.monotonic()
        deeds, calm_at = await _storm(size, house, day, begun, say)
        over_at = time.monotonic()
        findings, failures = await _evening(size, house, day)
        figures = {
            "jobs": float(size.jobs), "runs": float(len(day.ordered)), "seconds": over_at - begun,
            "jobs_per_second": size.jobs / (over_at - begun), "seconds_of_calm": over_at - calm_at,
            "repeated_posts": float(sum(one.tries - 1 for one in day.ordered)),
            "stream_connections": float(sum(talk.connects for talk in day.talks)),
            **traces.figures(house.folder, house.programs, await Auditor(house.db).seconds_by_job()),
        }  # fmt: skip
        figures |= await _night(house, findings)
    return Report(size, findings, deeds, failures, figures)


async def _morning(size: Size, house: House) -> Day:
    tokens = [await new_customer(house.doors) for _ in range(CUSTOMERS)]
    talks = [await begin(house.doors, tokens[n % CUSTOMERS]) for n in range(size.conversations)]
    return Day(orders(size.jobs, size.seed, CUSTOMERS), tokens, talks)


async def _storm(
    size: Size, house: House, day: Day, begun: float, say: Callable[[str], None]
) -> tuple[Counter[str], float]:
    """Until everything asked for is over, or nothing has moved for as long as the bound says since the monkey's last deed."""
    auditor, monkey = Auditor(house.db), Monkey(house.programs, house.links, house.redis)
    asking = [
        asyncio.create_task(Crowd(house.doors, day.tokens, size.seed).order(day.ordered)),
        *(asyncio.create_task(keep_talking(house.doors, talk, _less_than(size.messages, talk))) for talk in day.talks),
    ]
    watch = _Watch(auditor, day, say)
    watching = asyncio.create_task(watch.look())

    def enough(kinds: int) -> bool:
        late = time.monotonic() - begun > size.storm_s
        return late or (watch.over >= NEARLY * len(day.ordered) and kinds >= once_each(house.cast))

    await monkey.rage(acts(size.seed, house.cast, every_s=size.every_s, lease_s=size.lease_s), enough)
    calm_at = watch.moved_at = time.monotonic()
    say(f"calm after {monkey.done.total()} deeds")
    ending = asyncio.create_task(_all_over(auditor, asking))
    while not ending.done() and time.monotonic() - watch.moved_at < size.bound_s:
        await asyncio.wait({ending}, timeout=_LOOK_S)
    for task in (watching, ending, *asking):
        task.cancel()
    await asyncio.gather(watching, ending, *asking, return_exceptions=True)
    return monkey.done, calm_at


def _less_than(messages: int, talk: Talk) -> Callable[[], bool]:
    return lambda: len(talk.turns) < messages


class _Watch:
    """How many ordered runs are over, asked now and then."""

    def __init__(self, auditor: Auditor, day: Day, say: Callable[[str], None]) -> None:
        self._auditor, self._day, self._say = auditor, day, say
        self.over = 0
        self.moved_at = time.monotonic()
        """When an order, a run or a message was last seen to get on."""
        self._seen = (0, 0, 0)

    async def look(self) -> None:
        while True:
            self.over = await self._auditor.over_runs()
            taken = sum(one.run_id is not None for one in self._day.ordered)
            turns = sum(len(talk.turns) for talk in self._day.talks)
            if self._seen != (seen := (taken, self.over, sum(len(talk.frames) for talk in self._day.talks))):
                self._seen, self.moved_at = seen, time.monotonic()
            self._say(f"{len(self._day.ordered)} orders, {taken} taken, {self.over} over; {turns} messages taken")
            await asyncio.sleep(_LOOK_S)


async def _all_over(auditor: Auditor, asking: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.wait(asking)
    while await auditor.open_runs():
        await asyncio.sleep(0.3)


async def _evening(size: Size, house: House, day: Day) -> tuple[Findings, Counter[str]]:
    """What the rows, the pictures and the people say."""
    await until_ready(house.webs[:1], "/healthz", size.bound_s)
    findings, failures = await Auditor(house.db).books(day.ordered)
    findings.add(await look_at_pictures(house.webs[0], day.tokens, day.ordered))
    for talk in day.talks:
        findings.add(examined(talk, size.messages))
        failures.update(named_failures(talk))
    return findings, failures


async def _night(house: House, findings: Findings) -> dict[str, float]:
    """Nobody works any more: what lies about goes with one sweep, and a second one finds nothing."""
    await house.close()
    first, second = await sweep(house), await sweep(house)
    if first["missing"]:
        findings.lost.append(f"the bytes of {first['missing']} blobs are gone")
    if left := second["released"] + second["strangers"]:
        findings.orphaned.append(f"{left} blobs stay where nobody needs them, sweep or not")
    return {"blobs_left_to_the_sweep": float(first["released"] + first["strangers"])}
