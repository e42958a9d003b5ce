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


def line(
    jobs: Sequence[Queued], at_work: Mapping[str, int], now: datetime, served: Served | None = None,
    favoured: Collection[str] = (),
) -> list[Queued]:  # fmt: skip
    """The jobs, next one first. `at_work` counts the jobs that a person has at work; `favoured` are ids of jobs that cost
    less now, their weights being loaded."""
    last = served or {}
    turns: Counter[tuple[str, Lane]] = Counter()
    keys = {}
    for job in sorted(jobs, key=lambda job: job.id):
        who = (job.account_id, job.lane)
        turn = at_work.get(job.account_id, 0) + turns[who]
        turns[who] += 1
        since = max(job.created_at, last.get(who, _NEVER))
        aged = max(0.0, (now - since).total_seconds()) // AGEING_S
        bonus = WARM_TURNS if job.id in favoured else 0
        rank = LANE_TURNS * (job.lane - Lane.NORMAL) + turn - aged - bonus
        keys[job.id] = (rank, last.get(who, _NEVER), job.id)
    return sorted(jobs, key=lambda job: keys[job.id])
