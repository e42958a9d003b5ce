"""The order of the line.

People take turns within a lane, least recently served first; a lane is worth ten turns; each minute in which somebody's
jobs of a lane are not served is worth one, so that nobody starves. The minutes count from the person's last turn, not
from the age of the job: whoever sends a hundred jobs at once does not grow older than the others with every one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from executor.deciding.model import Queued, Served
from executor.model import Lane

AGEING_S = 60.0
"""Unserved for so long is worth one turn."""
LANE_TURNS = 10
WARM_TURNS = 2
"""A job whose weights are loaded somewhere passes others for so many minutes: changing models costs about as much."""
_NEVER = datetime.min.replace(tzinfo=UTC)
Key = tuple[float, datetime, str]
"""By what jobs stand in line: the smaller, the sooner."""


def line(
    jobs: Sequence[Queued], at_work: Mapping[str, int], now: datetime, served: Served | None = None,
    favoured: Collection[str] = (),
) -> list[Queued]:  # fmt: skip
    """The jobs, next one first. `at_work` counts the jobs that a person has at work; `favoured` are ids of jobs that cost
    less now, their weights being loaded."""
    return [job for _, job in keyed(jobs, at_work, now, served, favoured)]


def keyed(
    jobs: Sequence[Queued], at_work: Mapping[str, int], now: datetime, served: Served | None = None,
    favoured: Collection[str] = (),
) -> list[tuple[Key, Queued]]:  # fmt: skip
    """The same with the key of each."""
    turns: Counter[tuple[str, Lane]] = Counter()
    found = []
    for job in sorted(jobs, key=_id):
        who = (job.account_id, job.lane)
        key = key_of(job, at_work.get(job.account_id, 0) + turns[who], now, served or {}, favoured=job.id in favoured)
        turns[who] += 1
        found.append((key, job))
    return sorted(found, key=_key)


def key_of(job: Queued, turn: int, now: datetime, served: Served, *, favoured: bool = False) -> Key:
    """Of a person's job that has so many of theirs before it."""
    last = served.get((job.account_id, job.lane), _NEVER)
    aged = max(0.0, (now - max(job.created_at, last)).total_seconds()) // AGEING_S
    return LANE_TURNS * (job.lane - Lane.NORMAL) + turn - aged - (WARM_TURNS if favoured else 0), last, job.id


def _id(job: Queued) -> str:
    return job.id


def _key(one: tuple[Key, Queued]) -> Key:
    return one[0]
