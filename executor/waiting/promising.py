"""How long until one's turn comes: the line played through over the instances. Pure.

Each instance does what it has, the job that it renders and the next that it holds already, then whoever is first in the
line and can run there. So a job starts when the one before it on the same instance is done, not when it is sent there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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
    queues = {server.id: _Queue(server) for server in servers}
    ends = {account: list(left) for account, left in (busy or {}).items()}
    found = {}
    for place, job in enumerate(line, start=1):
        able = [queue for name, queue in queues.items() if name in job.able]
        if not able:  # nothing there can run it now: as if it were alone
            found[job.id] = promise(place, NOW)
            continue
        queue, mine = min(able, key=_Queue.order), ends.setdefault(job.account_id, [])
        start = _after_own(queue.free, mine, at_once)
        found[job.id] = promise(place, overtaken(start, job.behind))
        queue.free = start + job.takes.get(queue.server.device, NOW) + HANDLING
        mine.append(queue.free)
    return found


class _Queue:
    """What an instance will do."""

    def __init__(self, server: Server) -> None:
        self.server, self.free = server, together(server.holds)

    def order(self) -> tuple[float, str]:
        """Who is free first."""
        return self.free.mean, self.server.id


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


def _after_own(start: Guess, ends: Sequence[Guess], at_once: int | None) -> Guess:
    """Beyond their limit people wait for the first of their own to end."""
    if at_once is None or len(ends) < at_once:
        return start
    own = sorted(ends, key=lambda guess: guess.mean)[-at_once]
    return max(start, own, key=lambda guess: guess.mean)


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
