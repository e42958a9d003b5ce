"""How true the waiting times are: a day of arrivals over several instances, played through without a clock.

People come by chance, alone and in bursts; what work really takes is not what the tools say and differs by device. Counted
is, of the jobs that had to wait, how often the start fell into the range that was told when they came.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evals.bench.figures import Figure
from executor.deciding.line import line
from executor.deciding.model import Queued
from executor.model import Lane
from executor.waiting.durations import Guess, Kind, Learned, bucket_of, together
from executor.waiting.promising import HANDLING, Server, Waiter, behind, promises

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
TOOLS = {"picture": (4.0, 10.0), "edit": (8.0, 20.0), "upscale": (3.0, 9.0), "film": (60.0, 180.0)}
SHARES = (0.55, 0.25, 0.15, 0.05)
AHEAD_S = 30.0  # nothing is sent ahead to an instance that is through so much later than another
HELD = 2  # jobs that an instance holds: the one that it renders and the next


@dataclass
class Job:
    id: str
    account: str
    tool: str
    at: float
    lane: Lane
    low: float = 0.0
    high: float = 0.0
    began: float = 0.0
    takes: float = 0.0


@dataclass
class Machine:
    name: str
    device: str
    holds: list[Job] = field(default_factory=list)


class Day:
    """One simulated day. `told` has the finished promises, in the order in which they were made."""

    def __init__(self, seed: int, machines: int, load: float) -> None:
        self._random = random.Random(seed)
        self._machines = [Machine(f"m{n}", f"card {n % 2}") for n in range(machines)]
        self._truth = {
            (tool, device): self._random.uniform(0.5, 2.0) * (low * high) ** 0.5
            for tool, (low, high) in TOOLS.items() for device in ("card 0", "card 1")
        }  # fmt: skip
        self._gap = sum(share * self._truth[tool, "card 0"] for tool, share in zip(TOOLS, SHARES, strict=True)) / machines / load
        self._queue: dict[str, Job] = {}
        self._seen: dict[Kind, Counter[int]] = {}
        self._events: list[tuple[float, int, str]] = []
        self.told: list[Job] = []

    def play(self, jobs: int) -> list[Job]:
        at = 0.0
        for number in range(jobs):
            at += self._random.expovariate(1 / self._gap)
            heapq.heappush(self._events, (at, number, "comes"))
        while self._events:
            at, number, what = heapq.heappop(self._events)
            if what == "comes":
                self._come(at, number)
            else:
                self._end(at, self._machines[number])
            self._dispatch(at)
        return self.told

    def _come(self, at: float, number: int) -> None:
        tool = self._random.choices(list(TOOLS), SHARES)[0]
        lane = Lane.LOW if self._random.random() < 0.2 else Lane.NORMAL
        job = Job(f"{number:06}", f"p{self._random.randrange(12)}", tool, at, lane)
        self._queue[job.id] = job
        learned = Learned(self._seen)
        given = promises(self._waiters(at, learned), [self._server(m, at, learned) for m in self._machines])
        job.low, job.high = given[job.id].eta_s
        self.told.append(job)

    def _line(self, at: float) -> list[Queued]:
        working = Counter(job.account for machine in self._machines for job in machine.holds)
        queued = [Queued(j.id, j.account, BEGAN + timedelta(seconds=j.at), 1.0, j.lane) for j in self._queue.values()]
        return line(queued, working, BEGAN + timedelta(seconds=at))

    def _dispatch(self, at: float) -> None:
        learned = Learned(self._seen)
        for queued in self._line(at):
            left = {m.name: together(self._server(m, at, learned).holds).mean for m in self._machines}
            near = [m for m in self._machines if len(m.holds) < HELD and left[m.name] <= min(left.values()) + AHEAD_S]
            if not near:
                return
            machine = min(near, key=lambda m: left[m.name])
            machine.holds.append(self._queue.pop(queued.id))
            if len(machine.holds) == 1:
                self._begin(at, machine)

    def _begin(self, at: float, machine: Machine) -> None:
        job = machine.holds[0]
        loads = 1.5 if self._random.random() < 0.15 else 1.0  # a model that was not in memory
        job.began, job.takes = at, self._truth[job.tool, machine.device] * self._random.lognormvariate(0.0, 0.25) * loads
        heapq.heappush(self._events, (at + job.takes + HANDLING.mean, self._machines.index(machine), "ends"))

    def _end(self, at: float, machine: Machine) -> None:
        job = machine.holds.pop(0)
        self._seen.setdefault(Kind(job.tool, 0, machine.device), Counter())[bucket_of(job.takes)] += 1
        if machine.holds:
            self._begin(at, machine)

    def _waiters(self, at: float, learned: Learned) -> list[Waiter]:
        turns = Counter(job.account for machine in self._machines for job in machine.holds)
        line = [self._queue[queued.id] for queued in self._line(at)]
        later = {}
        for job in sorted(line, key=lambda job: job.id):
            later[job.id] = behind(job.lane, turns[job.account], at - job.at)
            turns[job.account] += 1
        anywhere = frozenset(m.name for m in self._machines)
        return [Waiter(job.id, job.account, anywhere, self._takes(job, learned), later[job.id]) for job in line]

    def _takes(self, job: Job, learned: Learned) -> Mapping[str, Guess]:
        return {d: learned.spread(Kind(job.tool, 0, d), TOOLS[job.tool]).guess() for d in {m.device for m in self._machines}}

    def _server(self, machine: Machine, at: float, learned: Learned) -> Server:
        left = []
        for number, job in enumerate(machine.holds):
            spread = learned.spread(Kind(job.tool, 0, machine.device), TOOLS[job.tool])
            left.append((spread.left(at - job.began) if number == 0 else spread.guess()) + HANDLING)
        return Server(machine.name, machine.device, tuple(left))


def calibration(jobs: list[Job]) -> tuple[float, float, float]:
    """Of the jobs that waited: the share that began within the range, that began later, and the middle width in seconds."""
    waited = [job for job in jobs if job.began - job.at > 1.0]
    inside = [job for job in waited if job.low <= job.began - job.at <= job.high]
    late = [job for job in waited if job.began - job.at > job.high]
    widths = sorted((job.high - job.low) for job in waited)
    return len(inside) / len(waited), len(late) / len(waited), widths[len(widths) // 2]


async def figures(_folder: Path) -> list[Figure]:
    """Twelve days: one to four instances, from a calm to an overfull line."""
    found = []
    for name, first, last in (("the first 50 jobs", 0, 50), ("afterwards", 50, None)):
        told = [job for seed in range(12) for job in Day(seed, 1 + seed % 4, 0.7 + 0.1 * (seed % 4)).play(500)[first:last]]
        inside, late, width = calibration(told)
        found.append(Figure(f"started within the range that was told, {name}", round(100 * inside), "%"))
        found.append(Figure(f"started later than told, {name}", round(100 * late), "%"))
        found.append(Figure(f"width of the range, median, {name}", round(width, 1), "s"))
    return found
