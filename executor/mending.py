"""Runs that nobody moves any more, looked for now and then: those that wait for a yes that does not come, and those that stand
still, of which there should be none, and which would do so for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from base.clock import Clock
from base.db import Database, Tx
from base.errors import KeyLost
from base.log import get_logger
from executor import store
from executor.life.steps import Unreadable
from executor.lifecycle import Lifecycle
from executor.model import CONFIRM_WITHIN

log = get_logger(__name__)


class Mender:
    """Comes round, in one process at a time."""

    def __init__(self, db: Database, lifecycle: Lifecycle, clock: Clock) -> None:
        self._db, self._lifecycle, self._clock = db, lifecycle, clock

    async def lapse(self) -> None:
        """End runs whose yes did not come in time."""
        async with self._db.read() as tx:
            late = await store.unconfirmed(tx, self._clock.now() - CONFIRM_WITHIN)
        await self._each(late, self._lifecycle.lapse)

    async def mend(self) -> None:
        """End what was stopped, begin what became ready, fail what waits for something that will never come."""
        async with self._db.read() as tx:
            still = await store.standing_still(tx)
        await self._each(still, self._lifecycle.mend)

    async def _each(self, run_ids: Iterable[str], verb: Callable[[Tx, str], Awaitable[None]]) -> None:
        """Do something to each of these runs, in a transaction of its own: one that is forgotten ends, one that a newer version
        wrote is left to that, and neither keeps us from the others."""
        for run_id in run_ids:
            try:
                async with self._db.write() as tx:
                    await verb(tx, run_id)
            except KeyLost:
                async with self._db.write() as tx:
                    await self._lifecycle.forgotten(tx, None, run_id)
            except Unreadable:
                log.warning("run_not_readable", run_id=run_id)
