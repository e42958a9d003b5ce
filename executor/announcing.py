"""Those whose place in the line changed hear of it, and so do those who were promised too much.

Nobody is promised anything while every server that could do it is away: those hear whom they wait for (`Lifecycle.wait`),
and of the line again when one is back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from base.clock import Clock
from base.db import Database
from base.errors import KeyLost
from executor.lifecycle import Lifecycle
from executor.model import JobStatus
from executor.waiting import store
from executor.waiting.line import Line
from executor.waiting.promising import Promise, worth_telling

_SENT = (JobStatus.DISPATCHING, JobStatus.RUNNING)
SHARE = 10  # telling takes at most a tenth of the time, however long the line is


class Teller:
    """On behalf of one worker; several of them say nothing twice, because what was said is in the row."""

    def __init__(self, db: Database, line: Line, lifecycle: Lifecycle, clock: Clock) -> None:
        self._db, self._line, self._lifecycle, self._clock = db, line, lifecycle, clock
        self._not_before = float("-inf")

    async def tell(self) -> None:
        began = self._clock.monotonic()
        if began >= self._not_before:
            await self._look()
            ended = self._clock.monotonic()
            self._not_before = ended + SHARE * (ended - began)

    async def _look(self) -> None:
        async with self._db.read() as tx:
            rows = await store.standing(tx)
            if not any(waits(row) for row in rows):
                return
            given = await self._line.promises(tx, rows)
        now = self._clock.now()
        news = [row for row in rows if waits(row) and row["id"] in given and is_news(row, given[row["id"]], now)]
        news = [row for row in news if self._line.in_reach(row)]
        for row in news:
            await self._tell(row, given[row["id"]])

    async def _tell(self, row: Any, given: Promise) -> None:
        """One by one: who held a run's stream and wanted the next job would be in the way of those who end the run."""
        try:
            async with self._db.write() as tx:
                await self._lifecycle.place(tx, row, given)
        except KeyLost:
            async with self._db.write() as tx:
                await self._lifecycle.forgotten(tx, row["id"], row["run_id"])


def is_news(row: Any, given: Promise, now: datetime) -> bool:
    """Another place, or the time that was told is over. On an instance there are no places any more."""
    moved = row["status"] == JobStatus.QUEUED and worth_telling(row["place"], given.place)
    return moved or is_late(row, now)


def waits(row: Any) -> bool:
    """In the queue, or on an instance behind another job."""
    return row["status"] == JobStatus.QUEUED or (row["status"] in _SENT and row["gpu_started_at"] is None)


def is_late(row: Any, now: datetime) -> bool:
    return row["promised_until"] is not None and bool(row["promised_until"] < now)
