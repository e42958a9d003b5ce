"""How long until one's turn comes: the line played through over the instances. Pure.

Each instance does what it has, the job that it renders and the next that it holds already, then whoever is first in the
line and can run there. So a job starts when the one before it on the same instance is done, not when it is sent there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from executor.model import Lane
from executor.waiting.durations import NOW, Guess, together

Z = 1.28
"""Standard deviations to each side; chosen so that four of five jobs start within their range (evals/bench/waiting.py)."""
UNSURE = 0.3
"""Share of a wait by which it is off for what nobody can foresee: a cancelled job, an instance that comes or goes."""
COMERS = 0.5
"""Of the time for which others may still go before a job, the share that they do."""
HANDLING = Guess(0.4, 0.05)  # sending inputs, fetching outputs, as far as the next render waits for it
TURN_S = 60.0  # a minute of waiting makes up for one turn
LANE_TURNS = 10  # and a lane is worth so many (executor/deciding/line.py)
LEAST_S = 2.0  # a promise is never more exact than this
LEAST_LATE_S = 5.0  # a correction comes at most so often


@dataclass(frozen=True)
class Server:
    """An instance: its device, and what it has to do already."""

    id: str
    device: str
    holds: tuple[Guess, ...] = ()
    """What is left of the job that it renders, and what the next takes that it has already."""


@dataclass(frozen=True)
class Waiter:
    """A job of the line: whose, where it can run, and how long it takes on each kind of device."""

    id: str
    account_id: str
    able: frozenset[str]
    takes: Mapping[str, Guess] = field(default_factory=dict)
    behind: float = 0.0
    """Turns by which somebody who comes anew would go before it; a minute of waiting makes up for one."""


@dataclass(frozen=True)
class Promise:
    """Place in the line, 1 is next, and between how many seconds from now it starts."""

    place: int
    low_s: float
    high_s: float

    @property
    def eta_s(self) -> tuple[float, float]:
        return self.low_s, self.high_s

    def since(self, now: datetime) -> datetime:
        """Before that nobody expects it to start."""
        return now + timedelta(seconds=self.low_s)

    def until(self, now: datetime) -> datetime:
        """When it is broken."""
        return now + timedelta(seconds=max(LEAST_LATE_S, self.high_s))


def promises(
    line: Sequence[Waiter], servers: Sequence[Server], at_once: int | None = None,
    busy: Mapping[str, Sequence[Guess]] | None = None,
) -> dict[str, Promise]:  # fmt: skip
    """Job id -> promise, for a line in its order. `at_once` is how many jobs of one person run at the same time, `busy`
    what is left of those that do."""
    return Playing(line, servers, at_once, busy).found


class Playing:
    """The line played through: `found` is the promise of each job. Where anybody stood and who was free then stays known."""

    def __init__(
        self, line: Sequence[Waiter], servers: Sequence[Server], at_once: int | None,
        busy: Mapping[str, Sequence[Guess]] | None = None,
    ) -> None:  # fmt: skip
        self._queues = {server.id: _Queue(server) for server in servers}
        self._owns = {account: _Own(at_once, left) for account, left in (busy or {}).items()}
        self._at_once = at_once
        self.found = {job.id: self._seat(place, job) for place, job in enumerate(line, start=1)}

    def start(self, place: int, account_id: str, able: Collection[str]) -> Guess:
        """When somebody would begin who stood at this place and can run on these, those behind moving on."""
        free = [self._queues[name].at(place) for name in sorted(able) if name in self._queues]
        own = self._owns.get(account_id)
        start = min(free, key=_mean, default=NOW)
        return start if own is None or not free else own.after(start, place)

    def _seat(self, place: int, job: Waiter) -> Promise:
        able = [self._queues[name] for name in job.able if name in self._queues]
        if not able:  # nothing there can run it now: as if it were alone
            return promise(place, NOW)
        queue = min(able, key=_Queue.order) if len(able) > 1 else able[0]
        own = self._owns.get(job.account_id)
        if own is None:
            own = self._owns[job.account_id] = _Own(self._at_once)
        start = own.after(queue.free)
        queue.take(place, start + job.takes.get(queue.server.device, NOW) + HANDLING)
        own.add(place, queue.free)
        return promise(place, overtaken(start, job.behind))


class _Queue:
    """What an instance will do, and from when on it is free again after whom."""

    def __init__(self, server: Server) -> None:
        self.server, self.free = server, together(server.holds)
        self._places: list[int] = []
        self._frees = [self.free]

    def order(self) -> tuple[float, str]:
        """Who is free first."""
        return self.free.mean, self.server.id

    def take(self, place: int, until: Guess) -> None:
        self.free = until
        self._places.append(place)
        self._frees.append(until)

    def at(self, place: int) -> Guess:
        """When it is free for whoever stands there."""
        return self._frees[bisect_left(self._places, place)]


class _Own:
    """When jobs of one person end: beyond their limit people wait for the first of their own to end."""

    def __init__(self, at_once: int | None, left: Sequence[Guess] = ()) -> None:
        self._at_once = at_once
        self._last: list[tuple[float, int, Guess]] = []  # the latest `at_once` ends, a heap
        self._places: list[int] = []
        self._bounds: list[Guess | None] = [None]
        for guess in left:
            self.add(0, guess)

    def add(self, place: int, end: Guess) -> None:
        if self._at_once is None:
            return
        heappush(self._last, (end.mean, len(self._places), end))
        if len(self._last) > self._at_once:
            heappop(self._last)
        self._places.append(place)
        self._bounds.append(self._last[0][2] if len(self._last) == self._at_once else None)

    def after(self, start: Guess, place: int | None = None) -> Guess:
        """`start`, or when the limit allows it; of whoever stands at this place, else behind all."""
        bound = self._bounds[-1 if place is None else bisect_left(self._places, place)]
        return start if bound is None or bound.mean <= start.mean else bound


def _mean(guess: Guess) -> float:
    return guess.mean


def behind(lane: Lane, turn: int, waited_s: float) -> float:
    """Turns by which somebody who comes anew goes before the `turn`-th job of a person, which waits for so long."""
    return max(0.0, LANE_TURNS * (lane - Lane.NORMAL) + turn - waited_s / TURN_S)


def overtaken(start: Guess, behind: float) -> Guess:
    """Later by what may come meanwhile and go first: the more, the longer it waits, until its age makes up for it."""
    while_s = min(start.mean, TURN_S * behind)
    extra = COMERS * while_s
    return start + Guess(extra, extra**2) if extra > 0 else start


def promise(place: int, start: Guess) -> Promise:
    """The range that is told for a start that is known so well."""
    low, high = Guess(start.mean, start.variance + (UNSURE * start.mean) ** 2).range(Z)
    return Promise(place, round(low, 1), round(max(high + 1.0, low + LEAST_S), 1))


def worth_telling(told: int | None, place: int) -> bool:
    """Whether a changed place in a long line is news: near the front always, far behind only by a tenth."""
    if told is None or told == place:
        return told is None
    return place <= 20 or abs(told - place) >= max(1, told // 10)


def late_words(eta_s: tuple[float, float]) -> str:
    """The sentence that goes with a promise that takes the place of a broken one."""
    return f"This takes longer than I said: {in_words(sum(eta_s) / 2)} more."


def in_words(seconds: float) -> str:
    """`about 40 seconds`, `about 3 minutes`, `about 2 hours`."""
    for size, word in ((3600.0, "hour"), (60.0, "minute")):
        if seconds >= 1.5 * size:
            return f"about {round(seconds / size)} {word}s"
    if seconds >= 55:
        return "about a minute"
    rounded = max(5, 5 * round(seconds / 5))
    return f"about {rounded} seconds"
