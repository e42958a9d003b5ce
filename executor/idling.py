"""Those who wait while no worker takes their jobs hear that, instead of a time that passes and passes.

A worker that is paused says nothing by itself and one that is gone cannot: so this comes round in every process. When somebody
takes jobs again, the line tells places and times anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from base.clock import Clock
from base.db import Database
from base.errors import KeyLost
from executor import roster
from executor.lifecycle import Lifecycle
from executor.model import Tag, WorkerState
from executor.roster import WorkerRow
from executor.waiting import store
from executor.waiting.line import NO_WORKER

PAUSED = "Rendering is paused by whoever runs this studio; this keeps its turn and starts when it goes on."
GRACE = timedelta(seconds=10)  # of a restart in which one worker is gone and the next not there yet nobody needs to hear
MOST = 500  # in one look; the next comes soon


class Idling:
    """`lease_s`: a worker that was not heard of for longer is gone."""

    def __init__(self, db: Database, lifecycle: Lifecycle, clock: Clock, lease_s: float) -> None:
        self._db, self._lifecycle, self._clock, self._lease_s = db, lifecycle, clock, lease_s

    async def tell(self) -> None:
        now = self._clock.now()
        async with self._db.read() as tx:
            living = [row for row in await roster.everybody(tx) if row.lives(now, self._lease_s)]
            idle = {tag: reason for tag in Tag if (reason := why_idle(tag, living)) is not None}
            rows = await store.untold(tx, list(idle), (PAUSED, NO_WORKER), MOST) if idle else []
            served = [tag for tag in Tag if tag not in idle]
            over = await store.told_so(tx, served, (PAUSED, NO_WORKER))
        if over:
            async with self._db.write() as tx:
                await store.no_longer(tx, served, (PAUSED, NO_WORKER))
        for row in rows:
            if worth_telling(idle[Tag(row["tag"])], now - row["created_at"]):
                await self._tell(row, idle[Tag(row["tag"])])

    async def _tell(self, row: Any, reason: str) -> None:
        try:
            async with self._db.write() as tx:
                await self._lifecycle.idle(tx, row, reason)
        except KeyLost:
            async with self._db.write() as tx:
                await self._lifecycle.forgotten(tx, row["id"], row["run_id"])


def why_idle(tag: str, living: Sequence[WorkerRow]) -> str | None:
    """Why jobs of this tag are not taken; None: they are. Pure."""
    serving = [worker for worker in living if tag in worker.tags]
    if any(worker.wanted is WorkerState.ACTIVE for worker in serving):
        return None
    return PAUSED if any(worker.wanted is WorkerState.PAUSED for worker in serving) else NO_WORKER


def worth_telling(reason: str, waited: timedelta) -> bool:
    """A pause at once, as somebody wants it; that nobody is there only when that lasts. Pure."""
    return reason == PAUSED or waited > GRACE
