"""What ended, counted for ever: Prometheus wants numbers that only grow, whoever is asked and however often we restart.

Jobs are counted once, by the moment they ended, a little late so that none that is just being written is missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from base.clock import Clock
from base.db import Database
from executor.watch import store

LATE = timedelta(minutes=1)  # longer than a transaction takes from naming the moment to its commit, and clocks are apart
BUCKETS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds from asked to taken by a worker."""
CURSOR = "cursor"
ENDED, ATTEMPTS, WAITED, WAITED_SUM = "jobs_ended", "job_attempts", "dispatch", "dispatch_sum"


class Tallying:
    """`count` comes round again, in one process at a time."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def count(self) -> None:
        until = self._clock.now() - LATE
        async with self._db.write() as tx:
            known = {(name, label): value for name, label, value in await store.all_tallies(tx)}
            cursor = known.get((CURSOR, ""))
            if cursor is None:  # counted is from now on
                await store.add_tallies(tx, [(CURSOR, "", until.timestamp())])
                return
            after = datetime.fromtimestamp(cursor, UTC)
            if until > after and await store.move_tally(tx, CURSOR, cursor, until.timestamp()):
                await store.add_tallies(tx, tallied(await store.ended_between(tx, after, until)))


def tallied(rows: Iterable[Any]) -> list[tuple[str, str, float]]:
    """Rows that ended -> (name, label, how many more)."""
    sums: Counter[tuple[str, str]] = Counter()
    seconds = 0.0
    for row in rows:
        sums[ENDED, row["ending"] or row["status"]] += 1
        sums[ATTEMPTS, ""] += row["attempts"]
        if row["started_at"] is not None:
            waited = max(0.0, (row["started_at"] - row["created_at"]).total_seconds())
            sums[WAITED, bucket(waited)] += 1
            seconds += waited
    found = [(name, label, float(value)) for (name, label), value in sorted(sums.items()) if value]
    return [*found, (WAITED_SUM, "", seconds)] if seconds else found


def bucket(seconds: float, bounds: Sequence[float] = BUCKETS) -> str:
    """The upper bound of the bucket, `+Inf` above the last."""
    return next((str(bound) for bound in bounds if seconds <= bound), "+Inf")
