"""The line as it was played through a moment ago, and where somebody who comes now would stand in it. Pure.

To play ten thousand jobs through for everyone who comes would cost each of them more the longer the line is. So it is played
now and then, and who comes meanwhile is put where the rule of the line puts them: behind those before them and what came since.
Until somebody before them comes or goes that is the very place and time that playing it anew would give.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from executor.deciding.line import Key, key_of
from executor.deciding.model import Queued, Served
from executor.model import Lane
from executor.waiting.durations import Guess
from executor.waiting.promising import HANDLING, Playing, Promise, behind, overtaken, promise


@dataclass(frozen=True)
class Newcomer:
    """A job that is not in the line yet: whose, which lane, its tools, and the seconds that it will probably take."""

    account_id: str
    lane: Lane
    tools: tuple[str, ...]
    expect_s: float


@dataclass
class Picture:
    """`keys` are those of `order`, the queue as it was played; `turns` counts the jobs of each person at work."""

    playing: Playing
    order: Sequence[Queued]
    keys: Sequence[Key]
    turns: Mapping[str, int]
    served: Served
    width: int
    _came: list[tuple[Key, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._own = Counter(job.account_id for job in self.order)
        self._in_lane = Counter((job.account_id, job.lane) for job in self.order)
        self._total_s = sum(job.expect_s for job in self.order)

    @property
    def total_s(self) -> float:
        """Seconds of work that wait."""
        return self._total_s

    def promise(self, comer: Newcomer, able: Collection[str], now: datetime) -> Promise:
        """What somebody is told who comes now and can run on these instances."""
        key = self._key(comer, now)
        ahead, new = bisect_left(self.keys, key), bisect_left(self._came, (key, 0.0))
        seconds = sum(expect_s + HANDLING.mean for _, expect_s in self._came[:new]) / self.width
        start = self.playing.start(ahead + 1, comer.account_id, able) + Guess(seconds, (seconds / 3) ** 2)
        turn = self.turns.get(comer.account_id, 0) + self._own[comer.account_id]
        return promise(ahead + new + 1, overtaken(start, behind(comer.lane, turn, 0.0)))

    def enter(self, comer: Newcomer, now: datetime) -> None:
        """They stand in the line from now on; where they do not after all, the next picture knows."""
        insort(self._came, (self._key(comer, now), comer.expect_s))
        self._own[comer.account_id] += 1
        self._in_lane[comer.account_id, comer.lane] += 1
        self._total_s += comer.expect_s

    def first_start(self, accounts: Collection[str]) -> float:
        """Seconds until a job of one of these starts; 0 where none waits."""
        mine = [job.id for job in self.order if job.account_id in accounts]
        return min((self.playing.found[job_id].high_s for job_id in mine), default=0.0)

    def _key(self, comer: Newcomer, now: datetime) -> Key:
        turn = self.turns.get(comer.account_id, 0) + self._in_lane[comer.account_id, comer.lane]
        return key_of(Queued(_LAST, comer.account_id, now, comer.expect_s, comer.lane), turn, now, self.served)


_LAST = "~"  # an id that sorts behind every real one
