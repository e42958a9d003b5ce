"""What is kept for a while only: the events of runs that are over, and runs of which nothing is left and that nobody names.

A conversation is the person's, so its events and the runs that its turns name stay with it. A run stays, too, as long as
something that it made: that tells how it was made, and is what the memory of steps and making it again go by.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from base.clock import Clock
from base.db import Database, Tx
from base.events import EventLog
from base.log import get_logger
from executor.clearing import store

log = get_logger(__name__)
EVENTS_KEPT = timedelta(days=7)
"""How long after its end the events of a run can be read: whoever asked has told them on by then."""
PORTION = 200
_RUN = "run:"

Among = Callable[[Tx, Sequence[str]], Awaitable[set[str]]]
"""Which of these runs somebody above still needs."""


class Retention:
    """Comes round, in one process at a time; only where those above can be asked what they need."""

    def __init__(self, db: Database, events: EventLog, clock: Clock, kept_days: int) -> None:
        self._db, self._events, self._clock, self._kept = db, events, clock, timedelta(days=kept_days)

    async def trim_events(self, read: Among) -> None:
        """Forget the streams of runs that ended a while ago, but for those that somebody still reads."""
        after, before, gone = "", self._clock.now() - EVENTS_KEPT, 0
        while True:
            async with self._db.read() as tx:
                names = await self._events.names(tx, _RUN, after, PORTION)
                ids = [name.removeprefix(_RUN) for name in names]
                over = await store.not_told_any_more(tx, ids, before)
                over -= await read(tx, sorted(over))
            if over:
                async with self._db.write() as tx:
                    await self._events.delete(tx, *(_RUN + run_id for run_id in over))
            gone += len(over)
            if len(names) < PORTION:
                break
            after = names[-1]
        log.info("run_events_trimmed", runs=gone)

    async def trim_runs(self, named: Among) -> None:
        """Forget runs that ended long ago, of which nothing is left, and that nobody names."""
        after, before, gone = "", self._clock.now() - self._kept, 0
        while True:
            async with self._db.read() as tx:
                page = await store.runs_after(tx, after, PORTION)
            gone += await self._drop([row["id"] for row in page], before, named)
            if len(page) < PORTION or page[-1]["created_at"] >= before:
                break
            after = page[-1]["id"]
        log.info("runs_trimmed", runs=gone)

    async def _drop(self, ids: Sequence[str], before: datetime, named: Among) -> int:
        """Looks before it writes: of most portions nothing goes."""
        async with self._db.read() as tx:
            free = await _free(tx, ids, before, named)
        if free:
            async with self._db.write() as tx:
                free = await _free(tx, sorted(free), before, named)
                await store.delete_runs(tx, free)
                await self._events.delete(tx, *(_RUN + run_id for run_id in free))
        return len(free)


async def _free(tx: Tx, ids: Sequence[str], before: datetime, named: Among) -> set[str]:
    unneeded = await store.unneeded(tx, ids, before)
    return set(unneeded) - await named(tx, unneeded)
